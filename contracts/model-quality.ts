/**
 * Is the model still right? The scores of a version, joined with what happened, against the promise of its evaluation. The
 * monitor job writes these once the labels of scored days are known; until then there is the score stage's estimate.
 */
import * as z from "zod/mini";
import { ofEachMetric } from "./evaluation";
import { count, day, figure, instant, modelVersion, share, snapshotId, text } from "./values";

const interval = z
  .nullable(z.tuple([z.number(), z.number()]))
  .check(z.describe("The 95 % interval, by a bootstrap over entities; null if it cannot be computed."));

/** A metric as it was measured. */
export const measured = z.object({ value: figure, interval });

/** A metric of scores with known labels, beside the same metric in the version's evaluation. */
export const comparedMetric = z.object({
  ...measured.shape,
  promised: figure.check(z.describe("The metric in the evaluation; null if the evaluation does not have it.")),
  promised_interval: interval,
});
export type ComparedMetric = z.infer<typeof comparedMetric>;

/** The two rates are neither better when higher nor when lower. */
export const comparedMetrics = z.object({
  ...ofEachMetric(comparedMetric),
  predicted_rate: comparedMetric.check(z.describe("The share of scores at or above the threshold.")),
  base_rate: comparedMetric.check(z.describe("The share of positive labels.")),
  lift_top_decile: comparedMetric.check(
    z.describe("How many times as many positives the highest tenth of the scores holds as a tenth at random."),
  ),
});
export type ComparedMetrics = z.infer<typeof comparedMetrics>;

const rows = {
  rows: count.check(z.describe("Scores with a known label, one for each entity and as-of day.")),
  positives: count,
  measured_rows: count.check(
    z.describe("The rows that were measured: all, or those of entities drawn at random if there are too many."),
  ),
  threshold: share.check(z.describe("Scores at or above this are positive, as in the evaluation.")),
};

/** A scored day whose labels are known (`days/<as-of day>.json`). */
export const judgedDay = z.object({
  as_of: day,
  run_id: text.check(z.describe("The run whose scores were judged: the day's last.")),
  version: modelVersion,
  ...rows,
  metrics: comparedMetrics,
  events_snapshot_id: z.nullable(snapshotId).check(z.describe("The events from which the labels were computed.")),
  judged_at: instant,
});
export type JudgedDay = z.infer<typeof judgedDay>;

/** What the pooled days of one version say of its promise. */
export const versionQuality = z.object({
  version: modelVersion,
  days: z.array(day).check(z.describe("The pooled as-of days, oldest first.")),
  ...rows,
  metrics: comparedMetrics,
  status: z
    .enum(["kept", "broken", "skipped"])
    .check(z.describe("Of the promise. skipped means no result, such as too few rows; it does not mean kept.")),
  reason: z.optional(text),
  p_value: z
    .nullable(share)
    .check(z.describe("The probability of such a shortfall if the version keeps its promise; null if skipped.")),
  strength: z
    .number()
    .check(z.minimum(0), z.describe("How close the shortfall is to an alarm: 1 or more is broken. 0 if skipped.")),
  onset: z
    .nullable(day)
    .check(z.describe("The as-of day since which the evidence of a shortfall is strongest; null unless broken.")),
});
export type VersionQuality = z.infer<typeof versionQuality>;

/** One check of the quality (`latest.json`, and `checks/<newest judged day>.json`). */
export const modelQuality = z.object({
  status: versionQuality.shape.status.check(z.describe("Of the serving version's promise.")),
  reason: z.optional(text),
  version: z.nullable(modelVersion).check(z.describe("The serving version; null if none is serving.")),
  as_of: day.check(z.describe("The newest scored day when the check was made. Retraining starts as of this day.")),
  newest_day: day.check(z.describe("The newest as-of day whose labels are known.")),
  metric: z.enum(["auc", "f1"]).check(z.describe("The metric that decides: the gate's.")),
  versions: z.array(versionQuality).check(z.describe("Every version with scores in the window, newest first.")),
  new_days: z.array(day).check(z.describe("The as-of days whose labels this check was the first to know.")),
  checked_at: instant,
});
export type ModelQuality = z.infer<typeof modelQuality>;

/**
 * What the metrics of a day are expected to be while its labels are not known (`estimate.json`): an estimate that trusts the
 * scores to be probabilities. It sees a change of who is scored, but not a change of how they behave.
 */
export const qualityEstimate = z.object({
  run_id: text,
  as_of: day,
  version: modelVersion,
  rows: count,
  threshold: share,
  metrics: z.object({ auc: figure, f1: figure, precision: figure, recall: figure, base_rate: figure }),
});
export type QualityEstimate = z.infer<typeof qualityEstimate>;
