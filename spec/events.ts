/** The parts of `pipeline.yaml` that describe events and the rules of their quality, and the values that other parts share. */
import { z } from "zod";
import { canonicalType } from "./spellings";

/** Lower-case words joined by underscores, as Spark and the Feature Store both accept. */
export const column = z
  .string()
  .regex(
    /^[a-z]([a-z0-9_]{0,61}[a-z0-9])?$/,
    "must be lower-case letters, digits and underscores, from a letter to a letter or digit, at most 63 long",
  );

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
      .describe("The type of the value; an event whose value is of another type goes to quarantine."),
    required: z.boolean().default(true).describe("Whether an event without it goes to quarantine."),
    description: z.string().default(""),
  }),
);

export const events = z
  .strictObject({
    id: column
      .default("event_id")
      .describe("The field that identifies an event; of events with the same id, one is kept."),
    time: column
      .default("event_time")
      .describe("The field with the time at which the event happened (ISO 8601; UTC where it has no offset)."),
    fields: z
      .record(column, eventField)
      .describe("Every field of an event by name, including the id, the time and the entity."),
    allowed_lateness_days: z
      .number()
      .int()
      .min(0)
      .default(3)
      .describe(
        "An event more than this many days older than the last published as-of day goes to quarantine as late.",
      ),
    max_bytes: z
      .number()
      .int()
      .min(256)
      .max(1_000_000)
      .default(65_536)
      .describe("An event of more bytes than this goes to quarantine as too large."),
  })
  .describe("What an event looks like.");

const rowRule = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("not_null"), field: column }),
  z.strictObject({ rule: z.literal("range"), field: column, min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ rule: z.literal("enum"), field: column, values: z.array(z.string()).min(1) }),
  z.strictObject({ rule: z.literal("pattern"), field: column, pattern: z.string().min(1) }),
  z.strictObject({
    rule: z.literal("expression"),
    name: column.describe("The reason that the quarantine table gives for the row."),
    sql: z.string().min(1).describe("A Spark SQL condition that a good row fulfils."),
  }),
]);
export type RowRule = z.infer<typeof rowRule>;

const severity = z
  .enum(["halt", "warn"])
  .default("halt")
  .describe("halt stops the run before it publishes anything; warn only reports.");
const datasetRule = z.discriminatedUnion("rule", [
  z.strictObject({
    rule: z.literal("volume"),
    min_rows: z.number().int().min(0),
    max_rows: positiveInteger.optional(),
    severity,
  }),
  z.strictObject({ rule: z.literal("freshness"), max_age_days: z.number().positive(), severity }),
  z.strictObject({ rule: z.literal("quarantine_share"), max: share, severity }),
  z.strictObject({ rule: z.literal("null_share"), field: column, max: share, severity }),
  z.strictObject({ rule: z.literal("unique"), fields: z.array(column).min(1), severity }),
]);
export type DatasetRule = z.infer<typeof datasetRule>;

export const quality = z
  .strictObject({
    rows: z
      .array(rowRule)
      .default([])
      .describe("An event that breaks one of these rules goes to quarantine, with the rule as its reason."),
    dataset: z
      .array(datasetRule)
      .default([{ rule: "quarantine_share", max: 0.5, severity: "halt" }])
      .describe("Rules for all new events of a run together."),
  })
  .prefault({});
