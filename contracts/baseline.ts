/** What a model's features and scores were like when it was made (`baseline.json`), the reference for drift checks. */
import * as z from "zod/mini";
import { count, day, share, text } from "./values";

/** Bins have the order of their limits or categories, then values that are none of these, then missing ones. */
const bins = {
  numeric: {
    type: z.literal("numeric"),
    edges: z
      .array(z.number())
      .check(z.describe("Inner edges e0 < … < ek: the bins are (-inf, e0], (e0, e1], …, (ek, inf), missing.")),
  },
  constant: {
    type: z.literal("constant"),
    value: z.number().check(z.describe("The only value of the evaluation rows; the bins are equal, other, missing.")),
  },
  categorical: {
    type: z.literal("categorical"),
    categories: z
      .array(text)
      .check(z.describe("The model's categories; the bins are one for each, then other, then missing.")),
  },
};

const counts = z.array(count);
const evaluation = counts.check(z.describe("Evaluation rows in each bin."));

const ofFeature = {
  evaluation,
  training: counts.check(z.describe("Training rows in each bin.")),
  importance: share.check(z.describe("Mean |SHAP| on evaluation rows, as a share of the sum over all features.")),
};

export const featureBaseline = z.discriminatedUnion("type", [
  z.object({ ...bins.numeric, ...ofFeature }),
  z.object({ ...bins.constant, ...ofFeature }),
  z.object({ ...bins.categorical, ...ofFeature }),
]);
export type FeatureBaseline = z.infer<typeof featureBaseline>;

const scoreBaseline = z.discriminatedUnion("type", [
  z.object({ ...bins.numeric, evaluation }),
  z.object({ ...bins.constant, evaluation }),
]);

const reference = z.object({
  rows: count,
  entities: count,
  independent_rows: z.optional(
    z
      .number()
      .check(
        z.nonnegative(),
        z.describe(
          "As how many independent rows they count, because rows of one entity resemble one another: at most one for each entity. Baselines of earlier releases lack it.",
        ),
      ),
  ),
  as_of_days: z.array(day).check(z.describe("Oldest first.")),
});

export const baseline = z.object({
  run_id: text,
  evaluation: reference.check(z.describe("The rows on which the model was evaluated; drift is judged against them.")),
  training: reference.check(z.describe("All labelled rows, which the registered model is fitted on.")),
  features: z.record(z.string(), featureBaseline),
  score: scoreBaseline.check(z.describe("The evaluated model's scores of the evaluation rows.")),
});
export type Baseline = z.infer<typeof baseline>;
