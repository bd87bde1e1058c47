/**
 * The zod schema of `pipeline.yaml`: all keys with their types, defaults and limits. The editor schema
 * (`pipelines/pipeline.schema.json`) and the reference (`docs/pipelines.md`) are generated from it. The Glue jobs and the
 * Lambdas receive the parsed result as JSON.
 */
import { z } from "zod";
import { column, events, longForm, positiveInteger, quality, share } from "./events";
import { hyperparameters, largestSeed } from "./hyperparameters";
import { endpointInstanceType, trainingInstanceType } from "./instance-types";
import { canonicalType } from "./spellings";

export { type DatasetRule, type EventFieldType, eventFieldType, type RowRule } from "./events";

export const featureType = z.enum(["double", "integer", "string"]);
export type FeatureType = z.infer<typeof featureType>;

const featureColumn = z.preprocess(
  longForm,
  z.strictObject({
    type: z
      .preprocess(canonicalType, featureType)
      .describe("The column's type. The model treats string columns as categories."),
    description: z.string().default("").describe("The feature's description in the reports."),
  }),
);

const features = z.strictObject({
  window_days: positiveInteger
    .max(730)
    .describe("The number of days before the as-of day whose events features.sql sees."),
  columns: z
    .record(column, featureColumn)
    .describe("The columns that features.sql returns in addition to as_of and the entity."),
});

const label = z.strictObject({
  name: column.describe("The column of label.sql with the outcome to predict, 0 or 1."),
  horizon_days: positiveInteger
    .max(365)
    .describe("The number of days, starting with the as-of day, whose events label.sql sees."),
  description: z.string().default(""),
});

const training = z
  .strictObject({
    algorithm: z.enum(["xgboost"]).default("xgboost").describe("The learning algorithm."),
    cutoff_every_days: positiveInteger
      .max(90)
      .default(7)
      .describe("The number of days between two as-of days of the training set."),
    history_days: positiveInteger
      .max(1825)
      .default(365)
      .describe("How many days before the run's as-of day the training set's as-of days begin."),
    validation_share: share
      .default(0.15)
      .describe("The share of as-of days, just before the test days, that is used for early stopping."),
    test_share: share
      .default(0.25)
      .describe("The share of as-of days, the latest ones, that is used for the evaluation."),
    incomplete_windows: z
      .enum(["drop", "keep"])
      .default("drop")
      .describe(
        "What to do with as-of days whose window begins before the first event: their features lack a part of the window, unlike those of later days. drop leaves them out of the training set.",
      ),
    known_at: z
      .enum(["event", "write"])
      .default("event")
      .describe(
        "Which events features see: event means all of their window; write means only those that were delivered to the lake before the hour of schedule.time on the as-of day, so that a training row is as it was known at that dawn. History that is loaded at once was not known then: its as-of days have no rows.",
      ),
    min_rows: positiveInteger
      .default(200)
      .describe("A training run with fewer labelled rows ends without a model, as not_enough_history."),
    hyperparameters: hyperparameters.default({}).describe("Hyperparameters of the algorithm."),
    instance_type: trainingInstanceType
      .default("ml.m5.large")
      .describe("The instance type for training and evaluation."),
    max_runtime_minutes: positiveInteger
      .max(7200)
      .default(60)
      .describe("Training and evaluation jobs that run longer are stopped."),
    spot: z
      .boolean()
      .default(false)
      .describe(
        "Trains on spot instances, which cost less and which AWS may take back. A training that is interrupted begins again, so that it gives the same model: XGBoost cannot continue a training that samples rows or columns to the model that it would have given. It waits for instances as long as max_runtime_minutes.",
      ),
    seed: z
      .number()
      .int()
      .min(0)
      .max(largestSeed)
      .default(7)
      .describe("The random seed. The same seed, data and code give the same model."),
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
      .describe("The gate refuses a model if one of these metrics is below its minimum."),
    champion: z
      .strictObject({
        metric: z
          .enum(["auc", "f1"])
          .default("auc")
          .describe("The metric for comparing a new model with the serving model."),
        margin: share
          .default(0.01)
          .describe(
            "How far a new model's metric may be below that of the serving model, and of the best version so far, on rows that neither has learnt from. The lower end of the difference's interval must lie above it, not only the estimate.",
          ),
      })
      .prefault({}),
    lift: z
      .strictObject({
        over_chance: share
          .default(0)
          .describe(
            "How far the metrics must lie above those of a model without skill: AUC above 0.5 and, if they have a minimum, F1 above always predicting positive, precision above the base rate, accuracy above the share of the larger class.",
          ),
        over_simple_model: z
          .number()
          .min(-1)
          .max(1)
          .default(-0.02)
          .describe(
            "How far the AUC must lie above that of the best single feature and of a logistic regression. Negative: how far it may lie below.",
          ),
      })
      .prefault({}),
    min_test_rows: positiveInteger
      .default(500)
      .describe(
        "The gate refuses a model that was evaluated on fewer rows, or with fewer rows that the serving model has not learnt from.",
      ),
  })
  .prefault({});

const segments = z
  .record(column, z.union([z.literal("categories"), z.array(z.number()).min(1)]))
  .default({})
  .describe(
    "Feature columns whose segments get their own metrics in an evaluation. A string column: categories. A number: its cut points, such as [7, 30] for up to 7, above 7 up to 30, and above 30.",
  );

const approval = z
  .strictObject({
    mode: z
      .enum(["manual", "automatic"])
      .default("manual")
      .describe("automatic approves every model that passes the gate; manual waits for a reviewer."),
  })
  .prefault({});

const costs = z
  .strictObject({
    contact_cost: z
      .number()
      .min(0)
      .describe("What it costs to act on one positive prediction, such as a coupon or a call."),
    saved_value: z
      .number()
      .positive()
      .describe("What is gained if the action saves an entity whose label is 1, such as a customer's value."),
    save_rate: z.number().positive().max(1).describe("The share of the entities with label 1 whom the action saves."),
  })
  .describe(
    "What acting on predictions costs and brings, all in the same unit. Evaluations then report the profit at the threshold.",
  );

const autoscaling = z
  .strictObject({
    max_instances: positiveInteger.max(100).describe("The most instances that the endpoint grows to."),
    requests_per_instance: positiveInteger.describe(
      "The requests a minute that each instance should get: the endpoint grows above it, and shrinks below.",
    ),
  })
  .describe(
    "Lets the endpoint grow from serving.instance_count to max_instances with its requests. It keeps its size during a deployment.",
  );

const serving = z
  .strictObject({
    instance_type: endpointInstanceType.default("ml.m5.large").describe("The instance type of the endpoint."),
    instance_count: positiveInteger.max(100).default(1),
    autoscaling: autoscaling.optional(),
    canary_percent: z
      .number()
      .int()
      .min(1)
      .max(50)
      .default(10)
      .describe(
        "The percentage of instances that serve a new version first. An endpoint with one instance switches at once.",
      ),
    canary_wait_seconds: z
      .number()
      .int()
      .min(0)
      .max(3600)
      .default(300)
      .describe(
        "How many seconds the old version is kept while the new one takes traffic. An alarm during this time rolls back.",
      ),
    capture_percent: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(100)
      .describe("The percentage of requests that are captured for monitoring."),
    threshold: z
      .union([share, z.literal("auto")])
      .default(0.5)
      .describe(
        "Scores at or above this are positive predictions. auto: every model has its own, chosen on its validation rows by profit if serving.costs are given, otherwise by F1.",
      ),
    costs: costs.optional(),
    max_feature_age_days: z
      .number()
      .int()
      .min(0)
      .default(2)
      .describe(
        "A request for an entity whose features are older than this many days is refused with 409 stale_features. The age is counted to the current day or, when old data is replayed, to the newest day whose features were computed. 2 allows for one failed run.",
      ),
    latency_alarm_ms: positiveInteger
      .default(500)
      .describe(
        "The latency alarm fires when the model's p99 latency reaches this many milliseconds for three minutes.",
      ),
  })
  .prefault({});

const monitoring = z
  .strictObject({
    every_hours: positiveInteger.max(168).default(24).describe("The number of hours between two checks."),
    drift: z
      .strictObject({
        alpha: z
          .number()
          .positive()
          .max(0.5)
          .default(0.005)
          .describe(
            "The probability of a false alarm in a check of unchanged data, over all features and the scores together.",
          ),
        effect: z
          .number()
          .positive()
          .default(0.1)
          .describe(
            "What counts as drift in size: how far the population stability index (PSI) is above what chance alone gives.",
          ),
      })
      .prefault({}),
    quality: z
      .strictObject({
        alpha: z
          .number()
          .positive()
          .max(0.25)
          .default(0.001)
          .describe(
            "The probability that a check reports a version that is as good as its evaluation promised. It is low because every day has a check, and each sees most of the scores that the one before it saw.",
          ),
        window_days: positiveInteger
          .max(366)
          .default(28)
          .describe("A check looks at the scores of this many days up to the newest as-of day whose labels are known."),
      })
      .prefault({})
      .describe("Scores compared with what happened, once their labels are known."),
    serving_skew: z
      .number()
      .positive()
      .max(1)
      .default(0.01)
      .describe(
        "The serving alarm fires when this share of the captured requests were not answered from the stored features with the stored score.",
      ),
    retrain_after_cutoffs: positiveInteger
      .max(50)
      .default(2)
      .describe(
        "Drift or a broken promise of quality starts a retraining once this many as-of days since its beginning have a known label. Before that a model has nothing to learn of it; the run at dawn of the day on which there are enough trains by itself.",
      ),
    cooldown_hours: z
      .number()
      .min(0)
      .default(24)
      .describe(
        "The minimum number of hours between two retrainings started by an alarm, by the clock, also while old data is replayed. An alarm within it is told so; if its cause lasts, it fires again with the next check.",
      ),
    max_retrains_per_month: positiveInteger
      .default(4)
      .describe("The maximum number of retrainings started by alarms per calendar month (UTC)."),
  })
  .prefault({});

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
      .describe("The time zone of `time` and of the as-of day of scheduled runs."),
    train: z
      .enum(["daily", "weekly", "monthly", "never"])
      .default("daily")
      .describe("How often the daily run also trains a model: weekly is on Mondays, monthly on the first."),
  })
  .prefault({});

const alerts = z
  .strictObject({
    slack: z.boolean().default(true).describe("Whether alerts are posted to the Slack webhook in Secrets Manager."),
    email: z.array(z.email()).default([]).describe("E-mail addresses that receive all alerts."),
  })
  .prefault({});

export const pipelineName = z
  .string()
  .regex(
    /^(?=.{2,24}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    "must be 2 to 24 lower-case letters, digits and single dashes, starting with a letter and not ending with a dash",
  );

export const pipelineSchema = z.strictObject({
  name: pipelineName.describe("The pipeline's name, which is the name of its folder."),
  description: z.string().default(""),
  entity: column.describe("The field that identifies the entity to predict for, such as customer_id."),
  events,
  quality,
  features,
  label,
  training,
  gates,
  segments,
  approval,
  serving,
  monitoring,
  schedule,
  alerts,
});

/** A pipeline.yaml with every default filled in. */
export type PipelineConfig = z.infer<typeof pipelineSchema>;

/** A complete pipeline folder. Glue jobs, Lambdas and the local cloud receive it as JSON. */
export interface PipelineSpec extends PipelineConfig {
  /** The text of features.sql. */
  features_sql: string;
  /** The text of label.sql. */
  label_sql: string;
}
