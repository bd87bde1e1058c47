/** The influence of features on a model's predictions (`shap.json`): SHAP values on the test rows, in log-odds. */
import * as z from "zod/mini";
import { count, text } from "./values";

export const featureImportance = z.object({
  name: text,
  mean_abs_shap: z.number().check(z.describe("The mean absolute SHAP value.")),
});

export const shapPoint = z.object({
  feature: text,
  value: z.nullable(z.union([z.number(), z.string()])).check(z.describe("The feature's value; null if missing.")),
  shap: z.number(),
});

export const explanation = z.object({
  run_id: text,
  features: z.array(featureImportance).check(z.describe("Every feature, the most important first.")),
  sample: z.array(shapPoint).check(z.describe("Rows of the most important features.")),
  base_value: z.number(),
  rows: count,
  unit: z.literal("log-odds"),
});
export type Explanation = z.infer<typeof explanation>;
