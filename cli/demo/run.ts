/** Executes a run for an as-of day and records its results. */
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { type RunInput, type RunOutput, runOutput } from "../../contracts/run-execution";
import type { ModelSummary, RunSummary } from "../../contracts/summary";
import type { Trigger } from "../../contracts/values";
import { runCounts } from "../runs/counts";
import { failureText } from "../runs/describe";
import { failureOf } from "../runs/record";
import { stateTitle } from "../runs/states";
import { readEvidence, readStepReports, type StepReports } from "../runs/step-reports";
import { clients } from "../shared/clients";
import { type FinishedExecution, followExecution, startExecution } from "../shared/executions";
import { count } from "../shared/output";
import type { Demo } from "./context";

/** The user in whose name the demo acts. */
export const actor = "demo";

/** The input of a run for a given as-of day. */
export type StartedRun = RunInput & { asOf: string };

export interface PipelineRun {
  summary: RunSummary;
  model: ModelSummary | undefined;
  modelPackageArn: string | undefined;
}

/** Starts a run of mode features, as the daily schedule would. */
export async function runFeatures(demo: Demo, asOf: string): Promise<PipelineRun> {
  const trigger: Trigger = { type: "person", actor, reason: `the demo's clock is at ${asOf}` };
  return demo.progress.stage({ title: `Features and scores as of ${asOf}`, kind: "features", asOf }, async (stage) => {
    const name = `features-${asOf}`;
    const input: StartedRun = { mode: "features", asOf, trigger };
    const arn = await startExecution(demo.pipeline.runStateMachineArn, name, input);
    const run = await finishRun(demo, arn, input, (text) => stage.waitFor(text));
    const { new_events: events, feature_rows: rows, scored } = run.summary;
    stage.detail(`${count(events)} new events, ${count(rows)} feature rows, ${count(scored)} scores`);
    return run;
  });
}

/** Starts the first training run, as a person would. */
export async function runTraining(demo: Demo, asOf: string): Promise<PipelineRun> {
  const input: StartedRun = { mode: "train", asOf, trigger: { type: "person", actor, reason: "the first model" } };
  const arn = await startExecution(demo.pipeline.runStateMachineArn, `train-${asOf}`, input);
  return followTraining(demo, arn, input);
}

/** Follows a training run that a person or an alarm started. */
export async function followTraining(demo: Demo, arn: string, input: StartedRun): Promise<PipelineRun> {
  const { asOf, trigger } = input;
  const title = trigger.type === "drift" ? `Retrain as of ${asOf}, started by the drift alarm` : `Train as of ${asOf}`;
  return demo.progress.stage({ title, kind: "train", asOf }, async (stage) => {
    const run = await finishRun(demo, arn, input, (text) => stage.waitFor(text));
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
  input: StartedRun,
  waitFor: (text: string) => void,
): Promise<PipelineRun> {
  const execution = await followExecution(arn, (state) => waitFor(stateTitle(state)));
  const output = execution.status === "SUCCEEDED" ? runOutput.parse(execution.output) : undefined;
  const runId = output?.runId ?? execution.name;
  const folder = `${demo.pipeline.datasets.run_reports.uri}/${runId}`;
  const reports = await readStepReports(folder);
  const summary = runSummary(execution, input, runId, output?.outcome ?? "failed", reports);
  demo.records.runs.push(summary);
  if (output === undefined || output.outcome === "features") {
    return { summary, model: undefined, modelPackageArn: undefined };
  }
  const model: ModelSummary = {
    run_id: runId,
    as_of: input.asOf,
    trigger: input.trigger,
    verdict: output.verdict,
    warnings: output.warnings,
    approval: null,
    rows: reports.trainDataset?.rows ?? {},
    ...(await registered(output)),
    ...(await readEvidence(folder)),
  };
  demo.records.models.push(model);
  return { summary, model, modelPackageArn: output.outcome === "registered" ? output.modelPackageArn : undefined };
}

/** The registry's facts about a run's model. */
async function registered(
  output: Exclude<RunOutput, { outcome: "features" }>,
): Promise<Pick<ModelSummary, "version" | "stage" | "registered_at" | "lineage">> {
  if (output.outcome === "refused") return { version: null, stage: "Refused", registered_at: null, lineage: {} };
  const found = await clients
    .sagemaker()
    .send(new DescribeModelPackageCommand({ ModelPackageName: output.modelPackageArn }));
  return {
    version: output.version,
    stage: "Staging",
    registered_at: (found.CreationTime ?? new Date()).toISOString(),
    lineage: found.CustomerMetadataProperties ?? {},
  };
}

function runSummary(
  execution: FinishedExecution,
  input: StartedRun,
  runId: string,
  outcome: RunSummary["outcome"],
  { transform, quality, features, score, trainDataset }: StepReports,
): RunSummary {
  return {
    name: execution.name,
    run_id: runId,
    mode: input.mode,
    as_of: input.asOf,
    trigger: input.trigger,
    outcome,
    started_at: execution.startedAt.toISOString(),
    seconds: execution.seconds,
    states: execution.states,
    script_seconds: scriptSeconds({
      Transform: transform,
      Quality: quality,
      Features: features,
      ScoreTable: score,
      TrainDataset: trainDataset,
    }),
    ...runCounts({ transform, quality, features, score }),
    ...(outcome === "failed" ? { cause: failureText(failureOf(execution)) ?? "no cause given" } : {}),
  };
}

function scriptSeconds(reports: Record<string, { seconds: number } | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reports).flatMap(([state, report]) => (report === undefined ? [] : [[state, report.seconds]])),
  );
}
