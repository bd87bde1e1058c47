/** What train-decide decides about a run whose training set is written, and the record of the last model that was evaluated. */
import * as z from "zod/mini";
import { runPlan } from "./run-plan";
import { day, modelVersion, text } from "./values";

export const trainingDecisionInput = z.object({ run: runPlan });

const reason = text.check(z.describe("One sentence."));

/** Whether the training job starts; if not, the run ends here, with this outcome. */
export const trainingDecision = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("train") }),
  z.object({ outcome: z.literal("unchanged"), reason }),
  z.object({
    outcome: z.literal("not_enough_history"),
    reason,
    enoughFrom: day.check(z.describe("The first as-of day with enough history, if events go on as they do.")),
  }),
]);
export type TrainingDecision = z.infer<typeof trainingDecision>;

/**
 * `refusal.json`: the newest refusal for lack of evidence that an alert was sent about. Later ones against the same serving version, by
 * the same pipeline.yaml, send none: they are expected until there are enough rows.
 */
export const lastRefusal = z.object({
  run_id: text,
  as_of: day,
  champion_version: z.nullable(modelVersion),
  spec_uri: text,
});
export type LastRefusal = z.infer<typeof lastRefusal>;

/** `last.json`: what the newest evaluated model was made of, and what came of it. registry-register writes it. */
export const lastTraining = z.object({
  run_id: text,
  as_of: day,
  digest: text.check(z.describe("The digest of its training set.")),
  spec_uri: text,
  source_uri: text.check(z.describe("The code of training; its address contains the hash of the code.")),
  champion_version: z.nullable(modelVersion).check(z.describe("What it was compared with; null if nothing served.")),
  version: z.nullable(modelVersion).check(z.describe("The version that was registered; null if the gate refused it.")),
});
export type LastTraining = z.infer<typeof lastTraining>;
