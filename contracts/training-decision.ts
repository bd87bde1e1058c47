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
    alert: z.boolean().check(z.describe("false if an alert has already said so.")),
  }),
]);
export type TrainingDecision = z.infer<typeof trainingDecision>;

/**
 * `refusal.json` and `not-enough-history.json`: the run of the newest alert about a lack of evidence, or of history. Later runs with
 * the same serving version and the same pipeline.yaml send none: the same is expected of them until there are enough rows.
 */
export const lastAlert = z.object({
  run_id: text,
  as_of: day,
  champion_version: z.nullable(modelVersion),
  spec_uri: text,
});
export type LastAlert = z.infer<typeof lastAlert>;

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
