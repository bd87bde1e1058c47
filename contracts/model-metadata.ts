/** The metadata in a model artifact (`metadata.json`): training writes it; evaluation and serving read it. */
import * as z from "zod/mini";
import { count, share, text, thresholdBy } from "./values";

const feature = z.discriminatedUnion("type", [
  z.object({ name: text, type: z.literal("double") }),
  z.object({ name: text, type: z.literal("integer") }),
  z.object({
    name: text,
    type: z.literal("string"),
    categories: z.array(text).check(z.describe("The values seen in training, by their code.")),
  }),
]);

const trainedOn = { train: count, validation: count };

export const modelMetadata = z.object({
  format: z.literal(1),
  run_id: text,
  entity: text,
  label: text,
  features: z.array(feature),
  threshold: share.check(
    z.describe("The decision threshold. The refit keeps that of the evaluated model, whose validation rows chose it."),
  ),
  threshold_by: thresholdBy,
  best_iteration: count,
  validation_log_loss: z.number(),
  refitted_rows: z
    .optional(count)
    .check(
      z.describe(
        "All labelled rows, if the model was fitted on them after its evaluation, with best_iteration + 1 rounds. The other figures are of the model that was evaluated.",
      ),
    ),
  rows: z.object(trainedOn),
  base_rate: z.object({ train: share, validation: share }),
  hyperparameters: z.record(z.string(), z.number()),
  xgboost: text.check(z.describe("The version of XGBoost that trained.")),
});
export type ModelMetadata = z.infer<typeof modelMetadata>;
