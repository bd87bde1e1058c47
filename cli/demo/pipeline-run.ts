/** Runs the pipeline workflow for an as-of day, and keeps what it did. */
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { readableCause } from "../../lambdas/shared/cause";
import type { ModelSummary, RunSummary } from "../report/summary";
import { clients } from "../shared/clients";
import { type FinishedExecution, followExecution, startExecution } from "../shared/executions";
import { count } from "../shared/output";
import type { Demo } from "./context";
import { readEvidence, readStepReports, type StepReports } from "./step-reports";

/** Whom the demo plays when a person does something. */
export const actor = "demo";

const verdict = z.array(
  z.object({
    rule: z.string(),
    expected: z.union([z.string(), z.number()]),
    actual: z.union([z.string(), z.number()]).nullable(),
    passed: z.boolean(),
  }),
);
const runOutput = z.looseObject({
  runId: z.string(),
  outcome: z.string().nullish(),
  version: z.number().nullish(),
  modelPackageArn: z.string().nullish(),
  verdict: verdict.nullish(),
});

/** What the person at the keyboard is told that each state of the workflow does. */
const stateTitles: Readonly<Record<string, string>> = {
  Plan: "planning the run",
  Transform: "Glue: parsing, typing and deduplicating new events",
  Check: "Glue: checking the rules of data quality",
  Featurize: "Glue: features into the offline and online store",
  Dataset: "Glue: point-in-time training set",
  Train: "SageMaker: training",
  Evaluate: "SageMaker: evaluating on later weeks",
  Register: "the gate and the registry",
};

export interface PipelineRun {
  summary: RunSummary;
  model: ModelSummary | undefined;
  modelPackageArn: string | undefined;
}

/** Starts a features run as the dawn schedule would. */
export async function runFeatures(demo: Demo, asOf: string): Promise<PipelineRun> {
  const trigger = { type: "person", actor, reason: `the demo's clock says ${asOf}` };
  return demo.progress.stage({ title: `Features as of ${asOf}`, kind: "features", asOf }, async (stage) => {
    const name = `features-${asOf}`;
    const arn = await startExecution(demo.pipeline.runStateMachineArn, name, { mode: "features", asOf, trigger });
    const run = await finishRun(demo, arn, { mode: "features", asOf, trigger }, (text) => stage.waitFor(text));
    stage.detail(`${count(run.summary.new_events)} new events, ${count(run.summary.feature_rows)} feature rows`);
    return run;
  });
}

/** Starts the first training run, as a person would. */
export async function runTraining(demo: Demo, asOf: string): Promise<PipelineRun> {
  const trigger = { type: "person", actor, reason: "the first model" };
  const name = `train-${asOf}`;
  const arn = await startExecution(demo.pipeline.runStateMachineArn, name, { mode: "train", asOf, trigger });
  return followTraining(demo, arn, asOf, trigger);
}

/** Follows a training run, whoever started it. */
export async function followTraining(
  demo: Demo,
  arn: string,
  asOf: string,
  trigger: RunSummary["trigger"],
): Promise<PipelineRun> {
  const title = trigger.type === "drift" ? `Retrain as of ${asOf}, started by the alarm` : `Train as of ${asOf}`;
  return demo.progress.stage({ title, kind: "train", asOf }, async (stage) => {
    const run = await finishRun(demo, arn, { mode: "train", asOf, trigger }, (text) => stage.waitFor(text));
    stage.detail(trainingDetail(run));
    return run;
  });
}

function trainingDetail({ summary, model }: PipelineRun): string {
  if (model === undefined) return `failed: ${summary.cause ?? "no cause given"}`;
  const auc = model.evaluation?.metrics.auc;
  const figures = auc == null ? "" : `, AUC ${auc.toFixed(3)}, F1 ${(model.evaluation?.metrics.f1 ?? 0).toFixed(3)}`;
  return model.version === null ? `refused by the gate${figures}` : `v${model.version} registered${figures}`;
}

async function finishRun(
  demo: Demo,
  arn: string,
  asked: Pick<RunSummary, "mode" | "trigger"> & { asOf: string },
  waitFor: (text: string) => void,
): Promise<PipelineRun> {
  const execution = await followExecution(arn, (state) => {
    waitFor(stateTitles[state] ?? state);
  });
  const output = runOutput.safeParse(execution.output);
  const runId = output.success ? output.data.runId : execution.name;
  const reports = await readStepReports(demo.stack.lakeBucket, demo.spec.name, runId);
  const outcome = outcomeOf(execution, output.success ? output.data.outcome : undefined, asked.mode);
  const summary = runSummary(execution, asked, runId, outcome, reports);
  demo.records.runs.push(summary);
  if (asked.mode !== "train" || !output.success || outcome === "failed") {
    return { summary, model: undefined, modelPackageArn: undefined };
  }
  const modelPackageArn = output.data.modelPackageArn ?? undefined;
  const evidence = await readEvidence(demo.stack.lakeBucket, demo.spec.name, runId);
  const registered = modelPackageArn === undefined ? undefined : await describePackage(modelPackageArn);
  const model: ModelSummary = {
    version: output.data.version ?? null,
    stage: modelPackageArn === undefined ? "Refused" : "Staging",
    run_id: runId,
    as_of: asked.asOf,
    trigger: asked.trigger,
    registered_at: registered?.at ?? null,
    verdict: output.data.verdict ?? [],
    approval: null,
    lineage: registered?.lineage ?? {},
    ...evidence,
  };
  demo.records.models.push(model);
  return { summary, model, modelPackageArn };
}

function outcomeOf(
  execution: FinishedExecution,
  outcome: string | null | undefined,
  mode: RunSummary["mode"],
): RunSummary["outcome"] {
  if (execution.status !== "SUCCEEDED") return "failed";
  if (mode === "features") return "features";
  return outcome === "registered" ? "registered" : "refused";
}

function runSummary(
  execution: FinishedExecution,
  asked: Pick<RunSummary, "mode" | "trigger"> & { asOf: string },
  runId: string,
  outcome: RunSummary["outcome"],
  { transform, quality, features }: StepReports,
): RunSummary {
  return {
    name: execution.name,
    run_id: runId,
    mode: asked.mode,
    as_of: asked.asOf,
    trigger: asked.trigger,
    outcome,
    started_at: execution.startedAt.toISOString(),
    seconds: execution.seconds,
    states: execution.states,
    script_seconds: scriptSeconds({ Transform: transform, Check: quality, Featurize: features }),
    new_events: transform?.lines_read ?? 0,
    committed: quality?.published === true,
    published: quality?.published === true ? quality.rows_published : 0,
    quarantined: addCounts(transform?.quarantined ?? {}, quality?.quarantined ?? {}),
    duplicates: transform?.duplicates_removed ?? 0,
    feature_rows: features?.rows_appended ?? 0,
    ...(outcome === "failed" ? { cause: `${execution.error ?? ""}: ${readableCause(execution.cause)}` } : {}),
  };
}

function scriptSeconds(reports: Record<string, { seconds?: number | undefined } | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reports).flatMap(([state, report]) =>
      report?.seconds === undefined ? [] : [[state, report.seconds]],
    ),
  );
}

/** Adds up counts by their name. */
export function addCounts(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of counts) {
    for (const [name, value] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

async function describePackage(arn: string): Promise<{ at: string; lineage: Record<string, string> }> {
  const found = await clients.sagemaker().send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  return { at: (found.CreationTime ?? new Date()).toISOString(), lineage: found.CustomerMetadataProperties ?? {} };
}
