/** Input and output of registry-register. */
import * as z from "zod/mini";
import { runPlan } from "./run-plan";
import { modelEvidence, modelVersion, modelWarnings, text, verdictRule } from "./values";

const trainedBy = z.object({
  job_name: text,
  job_arn: text,
  model_data_url: text.check(z.describe("The model artifact, model.tar.gz.")),
});

export const registrationInput = z.object({
  run: runPlan,
  training: trainedBy.check(z.describe("The model that was evaluated.")),
  refit: z
    .optional(z.nullable(trainedBy))
    .check(
      z.describe(
        "The same model, fitted on all labelled rows: it is registered. Absent at the gate, which decides about it.",
      ),
    ),
});
export type RegistrationInput = z.infer<typeof registrationInput>;

const judged = { verdict: z.array(verdictRule), warnings: modelWarnings };

/** A model that the gate refuses is not in the registry, so it has neither version nor package. */
export const registration = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("registered"),
    modelPackageArn: text,
    version: modelVersion,
    ...judged,
    evidence: modelEvidence,
  }),
  z.object({ outcome: z.literal("passed"), ...judged }),
  z.object({
    outcome: z.literal("refused"),
    ...judged,
    alert: z
      .boolean()
      .check(z.describe("false if it was refused for lack of evidence only, and an alert has already said so.")),
  }),
]);
export type Registration = z.infer<typeof registration>;
