/**
 * The one description of a pipeline folder's `pipeline.yaml`: every key, its type, its default and its limits.
 * The editor schema (`pipelines/pipeline.schema.json`), the configuration reference and the resolved JSON that the
 * Glue jobs and the Lambdas read all come from here.
 */
import { z } from "zod";
import { canonicalType } from "./spellings";

/** Lower-case words joined by underscores, as Spark and the Feature Store both accept. */
const column = z
  .string()
  .regex(
    /^[a-z]([a-z0-9_]{0,61}[a-z0-9])?$/,
    "must be lower-case letters, digits and underscores, from a letter to a letter or digit, at most 63 long",
  );

const positiveInteger = z.number().int().positive();
const share = z.number().min(0).max(1);

export const eventFieldType = z.enum(["string", "integer", "double", "boolean", "timestamp"]);
export type EventFieldType = z.infer<typeof eventFieldType>;

/** `quantity: integer` is short for `quantity: {type: integer}`. */
const longForm = (value: unknown): unknown => (typeof value === "string" ? { type: value } : value);

const eventField = z.preprocess(
  longForm,
  z.strictObject({
    type: z
      .preprocess(canonicalType, eventFieldType)
      .describe("How the value is parsed; a value that does not parse sends its event to quarantine."),
    required: z.boolean().default(true).describe("Whether an event without it goes to quarantine."),
    description: z.string().default(""),
  }),
);

const events = z
  .strictObject({
    id: column.default("event_id").describe("The field that identifies an event: one event id is kept once."),
    time: column
      .default("event_time")
      .describe("The field that says when it happened (ISO 8601; UTC where no offset is given)."),
    fields: z
      .record(column, eventField)
      .describe("Every field of an event by name. The id, time and entity are among them."),
    allowed_lateness_days: z
      .number()
      .int()
      .min(0)
      .default(3)
      .describe("An event older than the last published as-of day minus this is set aside in quarantine as late."),
    max_bytes: z
      .number()
      .int()
      .min(256)
      .max(1_000_000)
      .default(65_536)
      .describe("An event longer than this goes to quarantine as too large."),
  })
  .describe("What an event looks like.");

const rowRule = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("not_null"), field: column }),
  z.strictObject({ rule: z.literal("range"), field: column, min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ rule: z.literal("enum"), field: column, values: z.array(z.string()).min(1) }),
  z.strictObject({ rule: z.literal("pattern"), field: column, pattern: z.string().min(1) }),
  z.strictObject({
    rule: z.literal("expression"),
    name: column.describe("The reason written beside the row."),
    sql: z.string().min(1).describe("A Spark SQL condition that a good row fulfils."),
  }),
]);
export type RowRule = z.infer<typeof rowRule>;

const severity = z.enum(["halt", "warn"]).default("halt").describe("halt stops the run before anything is published.");
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

const quality = z
  .strictObject({
    rows: z.array(rowRule).default([]).describe("A row that breaks one of these goes to quarantine with the reason."),
    dataset: z
      .array(datasetRule)
      .default([{ rule: "quarantine_share", max: 0.5, severity: "halt" }])
      .describe("Rules over a run's new events as a whole."),
  })
  .prefault({});

export const featureType = z.enum(["double", "integer", "string"]);
export type FeatureType = z.infer<typeof featureType>;

const featureColumn = z.preprocess(
  longForm,
  z.strictObject({
    type: z.preprocess(canonicalType, featureType).describe("A string column is a category to the model."),
    description: z.string().default("").describe("What a reader of the reports should know of it."),
  }),
);

const features = z.strictObject({
  window_days: positiveInteger
    .max(730)
    .describe("features.sql sees the events of this many days before the as-of time."),
  columns: z.record(column, featureColumn).describe("What features.sql returns beside as_of and the entity."),
});

const label = z.strictObject({
  name: column.describe("The column of label.sql that is to be predicted: 0 or 1."),
  horizon_days: positiveInteger
    .max(365)
    .describe("label.sql sees the events of this many days from the as-of time on."),
  description: z.string().default(""),
});

const hyperparameter = z.union([z.string(), z.number(), z.boolean()]);
const training = z
  .strictObject({
    algorithm: z.enum(["xgboost"]).default("xgboost").describe("What learns."),
    cutoff_every_days: positiveInteger
      .max(90)
      .default(7)
      .describe("Distance between two as-of days of the training set."),
    history_days: positiveInteger.max(1825).default(365).describe("How far back the training set's as-of days go."),
    validation_share: share
      .default(0.15)
      .describe("Share of the as-of days, before the test days, used for early stopping."),
    test_share: share.default(0.25).describe("Share of the as-of days, the latest, kept for the evaluation."),
    min_rows: positiveInteger.default(200).describe("Fewer labelled rows than this stop the run."),
    hyperparameters: z
      .record(z.string(), hyperparameter)
      .default({})
      .describe("Handed to the algorithm by name, such as max_depth."),
    instance_type: z
      .string()
      .regex(/^ml\./, "must be a SageMaker instance type such as ml.m5.large")
      .default("ml.m5.large")
      .describe("The machine that trains and evaluates."),
    max_runtime_minutes: positiveInteger.max(7200).default(60).describe("A longer job is stopped."),
    seed: z.number().int().min(0).default(7).describe("The same seed, data and code make the same model."),
  })
  .prefault({});

const gates = z
  .strictObject({
    minimum: z
      .strictObject({
        auc: share.optional(),
        f1: share.optional(),
        precision: share.optional(),
        recall: share.optional(),
        accuracy: share.optional(),
      })
      .default({ auc: 0.6 })
      .describe("A model below any of these is refused."),
    champion: z
      .strictObject({
        metric: z.enum(["auc", "f1"]).default("auc").describe("What challenger and serving model are compared by."),
        margin: share.default(0.01).describe("How far below the serving model, on the same rows, a challenger may be."),
      })
      .prefault({}),
    min_test_rows: positiveInteger.default(100).describe("A model judged on fewer rows is refused."),
  })
  .prefault({});

const approval = z
  .strictObject({
    mode: z
      .enum(["manual", "automatic"])
      .default("manual")
      .describe("automatic approves a model that passed the gate."),
  })
  .prefault({});

const serving = z
  .strictObject({
    instance_type: z
      .string()
      .regex(/^ml\./, "must be a SageMaker instance type such as ml.m5.large")
      .default("ml.m5.large")
      .describe("The machine that answers."),
    instance_count: positiveInteger.max(100).default(1),
    canary_percent: z
      .number()
      .int()
      .min(1)
      .max(50)
      .default(10)
      .describe("Share of a fleet of two or more that a new version takes first; a fleet of one is switched at once."),
    canary_wait_seconds: z
      .number()
      .int()
      .min(0)
      .max(3600)
      .default(300)
      .describe("How long a new version is watched before the old one goes; an alarm meanwhile rolls back."),
    capture_percent: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(100)
      .describe("Share of the requests kept for monitoring."),
    threshold: share.default(0.5).describe("A score at or above this is answered as positive."),
    latency_alarm_ms: positiveInteger.default(500).describe("A slower average answer raises the latency alarm."),
  })
  .prefault({});

const monitoring = z
  .strictObject({
    every_hours: positiveInteger.max(168).default(24).describe("How often the live requests are checked."),
    min_samples: positiveInteger
      .default(300)
      .describe("With fewer captured requests the check is skipped, and says so."),
    feature_psi: z
      .number()
      .positive()
      .default(0.25)
      .describe("Population stability index that counts as drift of a feature."),
    prediction_psi: z.number().positive().default(0.25).describe("The same for the scores."),
    drifted_features: positiveInteger.default(1).describe("How many features must drift before the alarm goes off."),
    cooldown_hours: z.number().min(0).default(24).describe("No second drift retraining within this time."),
    max_retrains_per_month: positiveInteger.default(4).describe("Drift retrains no more often than this."),
  })
  .prefault({});

/** Whether the runtime knows a time zone of this name. */
function isTimeZone(zone: string): boolean {
  if (zone !== "UTC" && !zone.includes("/")) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 05:30");
const schedule = z
  .strictObject({
    time: clock.default("05:00").describe("When a day's features are made (dawn)."),
    time_zone: z
      .string()
      .default("UTC")
      .refine(isTimeZone, { error: "must be an IANA time zone such as Europe/Berlin" })
      .describe("The time zone of the schedule's clock and of the day it calls today."),
    train: z
      .enum(["daily", "weekly", "monthly", "never"])
      .default("daily")
      .describe("How often a dawn run also retrains."),
  })
  .prefault({});

const alerts = z
  .strictObject({
    slack: z.boolean().default(true).describe("Post to the webhook kept in Secrets Manager."),
    email: z.array(z.email()).default([]).describe("Addresses that get every alert."),
  })
  .prefault({});

export const pipelineSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,23}$/, "must be 2 to 24 lower-case letters, digits and dashes, starting with a letter")
    .describe("The folder's name."),
  description: z.string().default(""),
  entity: column.describe("The field that says whom a prediction is about, such as customer_id."),
  events,
  quality,
  features,
  label,
  training,
  gates,
  approval,
  serving,
  monitoring,
  schedule,
  alerts,
});

/** A pipeline.yaml with every default filled in. */
export type PipelineConfig = z.infer<typeof pipelineSchema>;

/** A pipeline folder, whole: what the Glue jobs, the Lambdas and the local cloud are given as JSON. */
export interface PipelineSpec extends PipelineConfig {
  /** The text of features.sql. */
  features_sql: string;
  /** The text of label.sql. */
  label_sql: string;
}
