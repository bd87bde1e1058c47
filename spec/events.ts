/** The parts of `pipeline.yaml` that describe events and the rules of their quality, and the values that other parts share. */
import { z } from "zod";
import { canonicalType } from "./spellings";

/** Column names that both Spark and Feature Store accept. */
export const column = z
  .string()
  .regex(
    /^[a-z]([a-z0-9_]{0,61}[a-z0-9])?$/,
    "must be lower-case letters, digits and underscores, start with a letter, not end with an underscore, and have at most 63 characters",
  );

/** How late events may be if a pipeline does not say it. */
export const defaultLatenessDays = 3;

export const positiveInteger = z.number().int().positive();
export const share = z.number().min(0).max(1);

export const eventFieldType = z.enum(["string", "integer", "double", "boolean", "timestamp"]);
export type EventFieldType = z.infer<typeof eventFieldType>;

/** `quantity: integer` is short for `quantity: {type: integer}`. */
export const longForm = (value: unknown): unknown => (typeof value === "string" ? { type: value } : value);

const eventField = z.preprocess(
  longForm,
  z.strictObject({
    type: z
      .preprocess(canonicalType, eventFieldType)
      .describe("The field's type. Events with a value of another type are quarantined."),
    required: z.boolean().default(true).describe("Whether events without this field are quarantined."),
    description: z.string().default(""),
  }),
);

export const events = z
  .strictObject({
    id: column
      .default("event_id")
      .describe("The field with the event's ID. Of several events with the same ID, only one is kept."),
    time: column
      .default("event_time")
      .describe("The field with the time of the event (ISO 8601; UTC if it has no offset)."),
    fields: z
      .record(column, eventField)
      .describe("All fields of an event by name, including the ID, the time and the entity."),
    allowed_lateness_days: z
      .number()
      .int()
      .min(0)
      .default(defaultLatenessDays)
      .describe(
        "Events that are more than this many days older than the last published as-of day are quarantined as late. Labels are used for training once their horizon and these days have passed.",
      ),
    max_bytes: z
      .number()
      .int()
      .min(256)
      .max(1_000_000)
      .default(65_536)
      .describe("Events larger than this are quarantined as too_large."),
  })
  .describe("The format of an event.");

const rowRule = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("not_null"), field: column }),
  z.strictObject({ rule: z.literal("range"), field: column, min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ rule: z.literal("enum"), field: column, values: z.array(z.string()).min(1) }),
  z.strictObject({ rule: z.literal("pattern"), field: column, pattern: z.string().min(1) }),
  z.strictObject({
    rule: z.literal("expression"),
    name: column.describe("The rule's name, which is the reason in the quarantine table."),
    sql: z.string().min(1).describe("A Spark SQL condition that is true for valid rows."),
  }),
]);
export type RowRule = z.infer<typeof rowRule>;

const severity = z
  .enum(["halt", "warn"])
  .default("halt")
  .describe("halt stops the run before it publishes any events; warn only reports the failure.");
const datasetRule = z.discriminatedUnion("rule", [
  z.strictObject({
    rule: z.literal("volume"),
    min_rows: z.number().int().min(0),
    max_rows: positiveInteger.optional(),
    severity,
  }),
  z.strictObject({ rule: z.literal("freshness"), max_age_days: z.number().positive(), severity }),
  z.strictObject({
    rule: z.literal("quarantine_share"),
    max: share.describe("The largest share of a run's lines that may be invalid. Duplicates count as lines."),
    severity,
  }),
  z.strictObject({ rule: z.literal("null_share"), field: column, max: share, severity }),
  z.strictObject({ rule: z.literal("unique"), fields: z.array(column).min(1), severity }),
]);
export type DatasetRule = z.infer<typeof datasetRule>;

export const quality = z
  .strictObject({
    rows: z
      .array(rowRule)
      .default([])
      .describe("Rules for each event. Events that break a rule are quarantined with the rule as the reason."),
    dataset: z
      .array(datasetRule)
      .default([{ rule: "quarantine_share", max: 0.5, severity: "halt" }])
      .describe("Rules for all new events of a run as a whole."),
  })
  .prefault({});
