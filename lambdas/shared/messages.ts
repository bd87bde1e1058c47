/**
 * What is published to the alerts topic: the workflows and the Lambdas write these, alert-slack reads them. Every
 * message is one JSON object with a `kind`; whatever else comes (CloudWatch alarms, plain text) is shown as it is.
 */
import * as z from "zod/mini";

const text = z.string();
const version = z.coerce.number();

/** One rule of the gate and how the model did on it. */
export const verdictRule = z.object({
  rule: text,
  expected: z.union([z.string(), z.number()]),
  actual: z.nullable(z.union([z.string(), z.number()])),
  passed: z.boolean(),
});
export type VerdictRule = z.infer<typeof verdictRule>;

const common = {
  environment: text,
  pipeline: text,
};
/** JSONata writes null for what it does not know. */
const optionalText = z.nullish(text);
const executionArn = optionalText;

/** A state machine ended in an error. */
export const workflowFailed = z.object({
  kind: z.literal("workflow-failed"),
  ...common,
  workflow: text,
  step: optionalText,
  error: text,
  cause: text,
  runId: optionalText,
  executionArn,
});

/** The gate turned a model down; nothing was registered. */
export const modelRefused = z.object({
  kind: z.literal("model-refused"),
  ...common,
  runId: text,
  asOf: text,
  verdict: z.array(verdictRule),
  executionArn,
});

/** A model passed the gate and is in the registry, waiting for a reviewer or approved by the pipeline's rule. */
export const modelRegistered = z.object({
  kind: z.literal("model-registered"),
  ...common,
  runId: text,
  asOf: text,
  version,
  modelPackageArn: text,
  approval: z.nullish(z.enum(["manual", "automatic"])),
  verdict: z.array(verdictRule),
  executionArn,
});

/** The endpoint serves a new version. */
export const modelDeployed = z.object({
  kind: z.literal("model-deployed"),
  ...common,
  version,
  modelPackageArn: text,
  endpointName: text,
  executionArn,
});

/** The endpoint went back to the version it served before. */
export const deploymentRolledBack = z.object({
  kind: z.literal("deployment-rolled-back"),
  ...common,
  version,
  modelPackageArn: text,
  endpointName: text,
  reason: text,
  executionArn,
});

/** A drift alarm started a training run. */
export const retrainingStarted = z.object({
  kind: z.literal("retraining-started"),
  ...common,
  alarmName: text,
  asOf: text,
  version,
  samples: z.number(),
  drifted: z.array(z.object({ name: text, psi: z.number() })),
  executionArn,
});

/** A drift alarm went off and no training run was started. */
export const retrainingSuppressed = z.object({
  kind: z.literal("retraining-suppressed"),
  ...common,
  alarmName: text,
  reason: text,
});

export const alertMessage = z.discriminatedUnion("kind", [
  workflowFailed,
  modelRefused,
  modelRegistered,
  modelDeployed,
  deploymentRolledBack,
  retrainingStarted,
  retrainingSuppressed,
]);
export type AlertMessage = z.infer<typeof alertMessage>;
export type AlertKind = AlertMessage["kind"];
