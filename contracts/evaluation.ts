/** The evaluation of a run's model and of the serving model on the same test rows (`evaluation.json`). */
import * as z from "zod/mini";
import { count, figure, modelVersion, modelWarnings, share, text, thresholdBy, verdictRule } from "./values";

const range = z.tuple([z.number(), z.number()]);
const interval = z.nullable(range).check(z.describe("null if it cannot be computed."));

/** Something of every metric of a binary classifier. All but log_loss, brier and calibration_error are better when higher. */
export const ofEachMetric = <Schema extends z.ZodMiniType>(schema: Schema) => ({
  auc: schema,
  f1: schema,
  precision: schema,
  recall: schema,
  accuracy: schema,
  log_loss: schema,
  brier: schema,
  average_precision: schema,
  calibration_error: schema,
});

export const metrics = z.object(ofEachMetric(figure));
export type Metrics = z.infer<typeof metrics>;

/** The ends of each metric's 95 % interval, by a bootstrap over entities. */
export const intervals = z.object(ofEachMetric(interval));

/** The challenger beside another model on the same rows. */
export const comparison = z.object({
  kind: z.enum(["simple model", "champion", "floor"]),
  name: text,
  metric: z.enum(["auc", "f1"]),
  rows: count.check(z.describe("Test rows that neither model has learnt from.")),
  challenger: z.number(),
  rival: z.number(),
  difference: z.number().check(z.describe("challenger − rival.")),
  interval: range.check(z.describe("The 95 % interval of the difference, by a paired bootstrap over entities.")),
});
export type Comparison = z.infer<typeof comparison>;

/** What acting on the positive predictions of the test rows would have brought, in the unit of serving.costs. */
export const profit = z.object({
  per_row: z.number().check(z.describe("The mean over all test rows, acted on or not.")),
  interval: interval.check(z.describe("The 95 % interval of per_row, by a bootstrap over entities.")),
  contacted: count.check(z.describe("Test rows that are acted on: the positive predictions.")),
  per_row_of_all: z.number().check(z.describe("The same if all rows were acted on; acting on none brings 0.")),
});
export type Profit = z.infer<typeof profit>;

const estimate = z.object({ value: z.number(), interval });

/** A part of the test rows, by the value of one feature. */
export const segment = z.object({
  column: text,
  segment: text.check(
    z.describe(
      "The category, or the range between two cut points; (missing) if it has no value, (other) for rare categories.",
    ),
  ),
  rows: count,
  entities: count,
  base_rate: z.nullable(share).check(z.describe("The share of positive labels; null without rows.")),
  metrics: z
    .nullable(z.object({ auc: estimate, f1: estimate, log_loss: estimate }))
    .check(z.describe("null if there are too few rows of either class for figures that mean something.")),
});
export type Segment = z.infer<typeof segment>;

const point = z.tuple([z.number(), z.number()]);

export const calibrationBin = z.object({ bin: count, mean_score: z.number(), observed_rate: z.number(), count });

/** The figures that the evaluation and the summary share. */
export const modelFigures = {
  metrics,
  intervals,
  threshold: share.check(z.describe("Scores at or above this are positive: that with which the model serves.")),
  threshold_by: thresholdBy,
  profit: z.nullable(profit).check(z.describe("null if the pipeline states no serving.costs.")),
  confusion: z.object({ tp: count, fp: count, tn: count, fn: count }),
  calibration: z.array(calibrationBin).check(z.describe("Groups of equal size by score, lowest first.")),
  roc: z.array(point).check(z.describe("Points of (false positive rate, true positive rate).")),
  precision_recall: z.array(point).check(z.describe("Points of (recall, precision).")),
};

const modelEvaluation = z.object({
  ...modelFigures,
  missing_features: z.array(text).check(z.describe("Features of the model that the test rows lack.")),
  trained_by: text.check(z.describe("The run that trained it.")),
});

export const evaluation = z.object({
  run_id: text,
  challenger: modelEvaluation,
  champion: z
    .nullable(
      z.object({
        version: text.check(z.describe("The version's number, as text.")),
        seen_rows: count.check(z.describe("Test rows that it has learnt from, which flatter its figures.")),
        ...modelEvaluation.shape,
      }),
    )
    .check(z.describe("The serving model on the same rows; null if none is serving.")),
  segments: z.array(segment).check(z.describe("The challenger's metrics in the segments that pipeline.yaml declares.")),
  comparisons: z.array(comparison),
  verdict: z.array(verdictRule).check(z.describe("The gate's rules; the model is registered if all have passed.")),
  floor_version: z
    .nullable(modelVersion)
    .check(
      z.describe(
        "The best version so far, which later ones must keep up with; null if that is this model, because it is better by more than chance or is the first.",
      ),
    ),
  test_rows: count,
  base_rate: share.check(z.describe("The share of positive labels.")),
  always_positive_f1: z.number().check(z.describe("The F1 of a model that always predicts positive, for comparison.")),
  warnings: modelWarnings,
});
export type Evaluation = z.infer<typeof evaluation>;
