/**
 * What Daybreak publishes to the alerts topic: workflows and Lambdas write these, alert-slack and tools read them. Each is one
 * JSON object with a `kind`. CloudWatch's alarms arrive at the same topic in their own form.
 */
import * as z from "zod/mini";
import { count, day, modelEvidence, modelVersion, modelWarnings, retrainingCause, text, verdictRule } from "./values";

const common = { environment: text, pipeline: text };

/** JSONata may write null for an unknown value. */
const executionArn = z.optional(z.nullable(text));

/** The state machine of the same name. */
export const workflowName = z.enum(["run", "serve", "monitor"]);
export type WorkflowName = z.infer<typeof workflowName>;

const workflowFailed = z.object({
  kind: z.literal("workflow-failed"),
  ...common,
  workflow: workflowName,
  step: z.optional(z.nullable(text)).check(z.describe("The state that failed.")),
  error: text,
  cause: text,
  runId: z.optional(z.nullable(text)),
  executionArn,
});

/** The gate refused a model; nothing was registered. */
const modelRefused = z.object({
  kind: z.literal("model-refused"),
  ...common,
  runId: text,
  asOf: day,
  verdict: z.array(verdictRule),
  warnings: modelWarnings,
  executionArn,
});

/** A training run ended without a model: its training set equals the last one's, or there is not enough history for one. */
const trainingSkipped = z.object({
  kind: z.literal("training-skipped"),
  ...common,
  runId: text,
  asOf: day,
  outcome: z.enum(["unchanged", "not_enough_history"]),
  reason: text,
  executionArn,
});

/** A model passed the gate and is in the registry, waiting for a reviewer or approved by the pipeline's rule. */
const modelRegistered = z.object({
  kind: z.literal("model-registered"),
  ...common,
  runId: text,
  asOf: day,
  version: modelVersion,
  modelPackageArn: text,
  approval: z.enum(["manual", "automatic"]),
  verdict: z.array(verdictRule),
  evidence: modelEvidence,
  warnings: modelWarnings,
  executionArn,
});

/** A version of another environment is in the registry, with the evidence of its evaluation there, and awaits a reviewer. */
const modelPromoted = z.object({
  kind: z.literal("model-promoted"),
  ...common,
  version: modelVersion,
  modelPackageArn: text,
  from: text.check(z.describe("The version where it comes from, such as v3 in staging.")),
  promotedBy: text,
  description: text.check(z.describe("What its description in the registry says of the verdict.")),
  warnings: z.array(text).check(z.describe("How the pipelines differ.")),
});

/** The endpoint serves a new version. */
const modelDeployed = z.object({
  kind: z.literal("model-deployed"),
  ...common,
  version: modelVersion,
  modelPackageArn: text,
  endpointName: text,
  executionArn,
});

/** The endpoint went back to the version that it served before. */
const deploymentRolledBack = z.object({
  kind: z.literal("deployment-rolled-back"),
  ...common,
  version: modelVersion,
  modelPackageArn: text,
  endpointName: text,
  reason: text,
  executionArn,
});

const drifted = z
  .array(z.object({ name: text, psi: z.number() }))
  .check(z.describe("The drifted features, the highest index first; then the score, if it drifted."));

const range = z.nullable(z.tuple([z.number(), z.number()]));

/** What an alarm that may start a retraining has found. */
const evidence = {
  alarmName: text,
  cause: retrainingCause,
  asOf: day,
  version: z.nullable(modelVersion),
  drifted,
  shortfall: z
    .nullable(
      z.object({
        days: z.array(day).check(z.describe("The as-of days whose scores were compared with what happened.")),
        rows: count,
        metrics: z.array(
          z.object({
            name: text,
            value: z.nullable(z.number()),
            interval: range,
            promised: z.nullable(z.number()),
            promisedInterval: range,
          }),
        ),
      }),
    )
    .check(z.describe("How the serving version compares with its evaluation; null after drift.")),
};

/** An alarm of drift or quality started a training run. */
const retrainingStarted = z.object({
  kind: z.literal("retraining-started"),
  ...common,
  ...evidence,
  rows: count.check(z.describe("The rows that were checked.")),
  executionArn: text,
});

/** An alarm fired, but not enough labels since its beginning are known: the run at dawn of a later day trains by itself. */
const retrainingPostponed = z.object({
  kind: z.literal("retraining-postponed"),
  ...common,
  ...evidence,
  onset: day,
  due: day.check(z.describe("The day whose run at dawn trains.")),
});

/** An alarm of drift or quality fired, but no training run was started. */
const retrainingSuppressed = z.object({
  kind: z.literal("retraining-suppressed"),
  ...common,
  alarmName: text,
  cause: retrainingCause,
  reason: text,
});

export const alertMessage = z.discriminatedUnion("kind", [
  workflowFailed,
  modelRefused,
  trainingSkipped,
  modelRegistered,
  modelPromoted,
  modelDeployed,
  deploymentRolledBack,
  retrainingStarted,
  retrainingPostponed,
  retrainingSuppressed,
]);
export type AlertMessage = z.infer<typeof alertMessage>;
export type AlertKind = AlertMessage["kind"];
export type AlertOf<Kind extends AlertKind> = Extract<AlertMessage, { kind: Kind }>;
