/**
 * The one description of `pipeline.yaml`: every key, its type, its default and its limits.
 * The editor schema (`pipelines/pipeline.schema.json`), the configuration reference and the resolved JSON that the
 * Glue jobs and the Lambdas read all come from here.
 */
import { z } from "zod";
import { column, events, longForm, positiveInteger, quality, share } from "./events";
import { canonicalType } from "./spellings";

export { type DatasetRule, type EventFieldType, eventFieldType, type RowRule } from "./events";

export const featureType = z.enum(["double", "integer", "string"]);
export type FeatureType = z.infer<typeof featureType>;

const featureColumn = z.preprocess(
  longForm,
  z.strictObject({
    type: z.preprocess(canonicalType, featureType).describe("A string column is a category to the model."),
    description: z.string().default("").describe("What the feature means, for the reports."),
  }),
);

const features = z.strictObject({
  window_days: positiveInteger
    .max(730)
    .describe("features.sql sees the events of this many days before the as-of day."),
  columns: z
    .record(column, featureColumn)
    .describe("The columns that features.sql returns beside as_of and the entity."),
});

const label = z.strictObject({
  name: column.describe("The column of label.sql with the outcome to predict: 0 or 1."),
  horizon_days: positiveInteger.max(365).describe("label.sql sees the events of this many days from the as-of day on."),
  description: z.string().default(""),
});

const hyperparameter = z.union([z.string(), z.number(), z.boolean()]);
const training = z
  .strictObject({
    algorithm: z.enum(["xgboost"]).default("xgboost").describe("The learning algorithm."),
    cutoff_every_days: positiveInteger
      .max(90)
      .default(7)
      .describe("Days from one as-of day of the training set to the next."),
    history_days: positiveInteger
      .max(1825)
      .default(365)
      .describe("How many days back the training set's as-of days go."),
    validation_share: share
      .default(0.15)
      .describe("The share of as-of days, before the test days, that early stopping uses."),
    test_share: share.default(0.25).describe("The share of as-of days, the latest, that the evaluation uses."),
    min_rows: positiveInteger.default(200).describe("A run with fewer labelled rows than this stops."),
    hyperparameters: z
      .record(z.string(), hyperparameter)
      .default({})
      .describe("Hyperparameters of the algorithm by name, such as max_depth."),
    instance_type: z
      .string()
      .regex(/^ml\./, "must be a SageMaker instance type such as ml.m5.large")
      .default("ml.m5.large")
      .describe("The instance type for training and evaluation."),
    max_runtime_minutes: positiveInteger
      .max(7200)
      .default(60)
      .describe("A training or evaluation job that runs longer is stopped."),
    seed: z
      .number()
      .int()
      .min(0)
      .default(7)
      .describe("The random seed; the same seed, data and code give the same model."),
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
      .describe("A model below any of these metrics is refused."),
    champion: z
      .strictObject({
        metric: z
          .enum(["auc", "f1"])
          .default("auc")
          .describe("The metric by which a new model is compared with the serving one."),
        margin: share.default(0.01).describe("How far below the serving model, on the same rows, a new model may be."),
      })
      .prefault({}),
    min_test_rows: positiveInteger.default(100).describe("A model that was evaluated on fewer rows is refused."),
  })
  .prefault({});

const approval = z
  .strictObject({
    mode: z
      .enum(["manual", "automatic"])
      .default("manual")
      .describe("automatic approves every model that passes the gate; manual waits for a reviewer."),
  })
  .prefault({});

const serving = z
  .strictObject({
    instance_type: z
      .string()
      .regex(/^ml\./, "must be a SageMaker instance type such as ml.m5.large")
      .default("ml.m5.large")
      .describe("The instance type of the endpoint."),
    instance_count: positiveInteger.max(100).default(1),
    canary_percent: z
      .number()
      .int()
      .min(1)
      .max(50)
      .default(10)
      .describe(
        "The percentage of instances that take the new version first. An endpoint with one instance switches at once.",
      ),
    canary_wait_seconds: z
      .number()
      .int()
      .min(0)
      .max(3600)
      .default(300)
      .describe("How many seconds the old version stays while the new one serves; an alarm in this time rolls back."),
    capture_percent: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(100)
      .describe("The percentage of requests that is captured for monitoring."),
    threshold: share.default(0.5).describe("A score at or above this is a positive prediction."),
    latency_alarm_ms: positiveInteger
      .default(500)
      .describe(
        "The latency alarm goes off when the 99th percentile of the model's latency reaches this many milliseconds.",
      ),
  })
  .prefault({});

const monitoring = z
  .strictObject({
    every_hours: positiveInteger.max(168).default(24).describe("Hours from one drift check to the next."),
    min_samples: positiveInteger
      .default(300)
      .describe("With fewer captured requests since the last check, a drift check is skipped."),
    feature_psi: z
      .number()
      .positive()
      .default(0.25)
      .describe("The population stability index (PSI) from which a feature counts as drifted."),
    prediction_psi: z.number().positive().default(0.25).describe("The PSI from which the scores count as drifted."),
    drifted_features: positiveInteger.default(1).describe("How many drifted features set off the alarm."),
    cooldown_hours: z
      .number()
      .min(0)
      .default(24)
      .describe("The least hours between two retrainings that drift starts."),
    max_retrains_per_month: positiveInteger
      .default(4)
      .describe("The most retrainings that drift starts in a calendar month (UTC)."),
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
    time: clock.default("05:00").describe("The time of the daily run."),
    time_zone: z
      .string()
      .default("UTC")
      .refine(isTimeZone, { error: "must be an IANA time zone such as Europe/Berlin" })
      .describe("The time zone of `time`, and of the as-of day of a scheduled run."),
    train: z
      .enum(["daily", "weekly", "monthly", "never"])
      .default("daily")
      .describe("How often the daily run also trains."),
  })
  .prefault({});

const alerts = z
  .strictObject({
    slack: z.boolean().default(true).describe("Post alerts to the Slack webhook in Secrets Manager."),
    email: z.array(z.email()).default([]).describe("Addresses that receive every alert."),
  })
  .prefault({});

export const pipelineSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,23}$/, "must be 2 to 24 lower-case letters, digits and dashes, starting with a letter")
    .describe("The folder's name."),
  description: z.string().default(""),
  entity: column.describe("The field that identifies what a prediction is about, such as customer_id."),
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
