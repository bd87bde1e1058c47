/** Executes a run for an as-of day and records its results. */
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import * as z from "zod/mini";
import { type RunInput, type RunOutput, runOutput } from "../../contracts/run-execution";
import { runPlan } from "../../contracts/run-plan";
import type { ModelSummary, RunSummary } from "../../contracts/summary";
import type { Trigger } from "../../contracts/values";
import { isRetraining } from "../report/format";
import { runCounts } from "../runs/counts";
import { failureText } from "../runs/describe";
import { failureOf } from "../runs/record";
import { stateTitle } from "../runs/states";
import { leftOut, readEvidence, readStepReports, type StepReports } from "../runs/step-reports";
import { clients } from "../shared/clients";
import { type FinishedExecution, followExecution, startExecution } from "../shared/executions";
import { readJson } from "../shared/lake";
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
  /** The as-of day from which there is enough history, if there is not. */
  enoughFrom: string | undefined;
}

/** Starts a run of mode features, as the daily schedule would. */
export async function runFeatures(demo: Demo, asOf: string): Promise<PipelineRun> {
  const trigger: Trigger = { type: "schedule", actor, reason: `the demo's clock is at ${asOf}` };
  return demo.progress.stage({ title: `Features and scores as of ${asOf}`, kind: "features", asOf }, async (stage) => {
    const name = `features-${asOf}`;
    const input: StartedRun = { mode: "features", asOf, trigger };
    const arn = await startExecution(demo.pipeline.runStateMachineArn, name, input);
    const run = await finishRun(demo, arn, input, (text) => stage.waitFor(text));
    const { mode, new_events: events, feature_rows: rows, scored } = run.summary;
    const done = `${count(events)} new events, ${count(rows)} feature rows, ${count(scored)} scores`;
    stage.detail(mode === "train" ? `${done}; the retraining was due: ${trainingDetail(run)}` : done);
    return run;
  });
}

/** Starts a training run, as a person or the schedule would. */
export async function runTraining(demo: Demo, asOf: string, reason: string): Promise<PipelineRun> {
  const input: StartedRun = { mode: "train", asOf, trigger: { type: "person", actor, reason } };
  const arn = await startExecution(demo.pipeline.runStateMachineArn, `train-${asOf}`, input);
  return followTraining(demo, arn, input);
}

/** Follows a training run that a person or an alarm started. */
export async function followTraining(demo: Demo, arn: string, input: StartedRun): Promise<PipelineRun> {
  const { asOf, trigger } = input;
  const title = isRetraining(trigger)
    ? `Retrain as of ${asOf}, started by the ${trigger.type} alarm`
    : `Train as of ${asOf}`;
  return demo.progress.stage({ title, kind: "train", asOf }, async (stage) => {
    const run = await finishRun(demo, arn, input, (text) => stage.waitFor(text));
    stage.detail(trainingDetail(run));
    return run;
  });
}

function trainingDetail({ summary, model, enoughFrom }: PipelineRun): string {
  if (enoughFrom !== undefined) return `not enough history until ${enoughFrom}: ${summary.cause ?? ""}`;
  if (summary.outcome === "unchanged") return `no new model: ${summary.cause ?? ""}`;
  if (model === undefined) return `failed: ${summary.cause ?? "no cause given"}`;
  const auc = model.evaluation?.metrics.auc;
  const figures = auc == null ? "" : `, AUC ${auc.toFixed(3)}, F1 ${(model.evaluation?.metrics.f1 ?? 0).toFixed(3)}`;
  const without = summary.incomplete_windows ?? 0;
  const days = without === 0 ? "" : `; without ${count(without)} as-of days whose window begins before the data`;
  return `${model.version === null ? "refused by the gate" : `v${model.version} registered`}${figures}${days}`;
}

const planned = z.pick(runPlan, { mode: true, trigger: true });

async function finishRun(
  demo: Demo,
  arn: string,
  asked: StartedRun,
  waitFor: (text: string) => void,
): Promise<PipelineRun> {
  const execution = await followExecution(arn, (state) => waitFor(stateTitle(state)));
  const output = execution.status === "SUCCEEDED" ? runOutput.parse(execution.output) : undefined;
  const runId = output?.runId ?? execution.name;
  const folder = `${demo.pipeline.datasets.run_reports.uri}/${runId}`;
  // A scheduled run trains if a retraining is due: then its plan says so.
  const { mode = asked.mode, trigger = asked.trigger } = (await readJson(`${folder}/plan.json`, planned)) ?? {};
  const input = { ...asked, mode, trigger };
  const reports = await readStepReports(folder);
  const summary = runSummary(execution, input, runId, output, reports);
  demo.records.runs.push(summary);
  if (output === undefined || !("verdict" in output)) {
    const enoughFrom = output?.outcome === "not_enough_history" ? output.enoughFrom : undefined;
    return { summary, model: undefined, modelPackageArn: undefined, enoughFrom };
  }
  const dataset = reports.trainDataset;
  const model: ModelSummary = {
    run_id: runId,
    as_of: input.asOf,
    trigger: input.trigger,
    verdict: output.verdict,
    warnings: output.warnings,
    approval: null,
    ...(dataset?.outcome === "ready"
      ? { rows: dataset.rows, as_of_days: dataset.cutoffs }
      : { rows: {}, as_of_days: {} }),
    ...(await registered(output)),
    ...(await readEvidence(folder)),
  };
  demo.records.models.push(model);
  const modelPackageArn = output.outcome === "registered" ? output.modelPackageArn : undefined;
  return { summary, model, modelPackageArn, enoughFrom: undefined };
}

/** The registry's facts about a run's model. */
async function registered(
  output: Extract<RunOutput, { outcome: "registered" | "refused" }>,
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
  output: RunOutput | undefined,
  { transform, quality, features, score, trainDataset }: StepReports,
): RunSummary {
  return {
    name: execution.name,
    run_id: runId,
    mode: input.mode,
    as_of: input.asOf,
    trigger: input.trigger,
    outcome: output?.outcome ?? "failed",
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
    ...causeOf(execution, output),
    ...(trainDataset === undefined ? {} : { incomplete_windows: leftOut(trainDataset) }),
  };
}

/** Why a run failed, or why it trained no model. */
function causeOf(execution: FinishedExecution, output: RunOutput | undefined): Pick<RunSummary, "cause"> {
  if (output === undefined) return { cause: failureText(failureOf(execution)) ?? "no cause given" };
  return "reason" in output ? { cause: output.reason } : {};
}

function scriptSeconds(reports: Record<string, { seconds: number } | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reports).flatMap(([state, report]) => (report === undefined ? [] : [[state, report.seconds]])),
  );
}
