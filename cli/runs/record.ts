/** The state and the results of a run, from Step Functions and from the reports of its steps in the lake. */
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import * as z from "zod/mini";
import { type RunOutput, runInput, runOutput } from "../../contracts/run-execution";
import { runPlan } from "../../contracts/run-plan";
import type { RunSummary } from "../../contracts/summary";
import type { RunMode, Trigger, VerdictRule } from "../../contracts/values";
import { runReportsFolder } from "../../infra/lake/folders";
import { environmentNames, type Place, pipelineNames, stateMachineArn } from "../../infra/names";
import { runIdOf } from "../../lambdas/run-plan/core";
import { readableCause } from "../../lambdas/shared/cause";
import { clients } from "../shared/clients";
import { currentState, describeExecution, type Execution, newestExecutions } from "../shared/executions";
import { readJson } from "../shared/lake";
import { nameOf } from "../shared/problem";
import { type RunCounts, runCounts } from "./counts";
import { readShownReports, type ShownReports } from "./shown-reports";

export interface RunRecord extends RunCounts {
  pipeline: string;
  /** The name of the execution. */
  name: string;
  run_id: string;
  arn: string;
  /** null if the execution was started with another input than Daybreak's. */
  mode: RunMode | null;
  /** null until the run has a plan. */
  as_of: string | null;
  trigger: Trigger | null;
  outcome: RunSummary["outcome"] | "running";
  /** The state that the run is in, or the one that failed. */
  state: string | null;
  started_at: string;
  /** How long it took, or has been running. */
  seconds: number;
  /** The version that the run registered, and its approval status. */
  version: number | null;
  approval: string | null;
  verdict: VerdictRule[];
  /** Signs that the model's features contain the label. */
  evidence: string[];
  warnings: string[];
  /** Why a training run trained no model although nothing failed. */
  not_trained: string | null;
  /** The as-of day from which there is enough history, if there is not. */
  enough_from: string | null;
  error: string | null;
  cause: string | null;
  /** Reports that cannot be read, or that an earlier release wrote without some of this release's fields. */
  report_problem: string | null;
}

export interface Run {
  record: RunRecord;
  reports: ShownReports;
}

/** The folder of a run's plan and reports. */
export const reportFolder = (place: Place, pipeline: string, runId: string): string =>
  `s3://${environmentNames(place).lakeBucket}/${runReportsFolder(pipeline)}/${runId}`;

/** Reads everything about the run of an execution. */
export async function readRun(place: Place, pipeline: string, execution: Execution): Promise<Run> {
  const runId = runIdOf(execution.name);
  const folder = reportFolder(place, pipeline, runId);
  const input = z.safeParse(runInput, execution.input);
  const output = execution.status === "SUCCEEDED" ? z.parse(runOutput, execution.output) : undefined;
  const [{ reports, problem }, asOf, state, approval] = await Promise.all([
    readShownReports(folder),
    input.data?.asOf ?? output?.asOf ?? plannedAsOf(folder),
    output === undefined ? currentState(execution.arn) : undefined,
    approvalOf(output),
  ]);
  const isRunning = execution.status === "RUNNING";
  const record: RunRecord = {
    ...{ pipeline, name: execution.name, run_id: runId, arn: execution.arn },
    // A scheduled run trains if a retraining is due, although its input asks for features only.
    mode: output?.mode ?? input.data?.mode ?? null,
    as_of: asOf ?? null,
    trigger: input.data?.trigger ?? null,
    outcome: output?.outcome ?? (isRunning ? "running" : "failed"),
    state: state ?? null,
    started_at: execution.startedAt.toISOString(),
    seconds: execution.seconds,
    ...runCounts(reports),
    version: output?.outcome === "registered" ? output.version : null,
    approval: approval ?? null,
    ...(output !== undefined && "verdict" in output
      ? { verdict: output.verdict, warnings: output.warnings }
      : { verdict: [], warnings: [] }),
    evidence: output?.outcome === "registered" ? output.evidence : [],
    not_trained: output !== undefined && "reason" in output ? output.reason : null,
    enough_from: output?.outcome === "not_enough_history" ? output.enoughFrom : null,
    ...failureOf(execution),
    report_problem: problem,
  };
  return { record, reports };
}

/** Why an execution failed; null if it did not. */
export function failureOf({
  status,
  error,
  cause,
}: Pick<Execution, "status" | "error" | "cause">): Pick<RunRecord, "error" | "cause"> {
  if (status === "RUNNING" || status === "SUCCEEDED") return { error: null, cause: null };
  // TIMED_OUT and ABORTED have no error of their own.
  return { error: error ?? status, cause: cause === undefined ? null : readableCause(cause) };
}

const plannedDay = z.pick(runPlan, { as_of: true });

async function plannedAsOf(folder: string): Promise<string | undefined> {
  return (await readJson(`${folder}/plan.json`, plannedDay))?.as_of;
}

/** The approval status of a run's version; undefined if it has none, or has been deleted. */
async function approvalOf(output: RunOutput | undefined): Promise<string | undefined> {
  if (output?.outcome !== "registered") return undefined;
  try {
    const found = await clients
      .sagemaker()
      .send(new DescribeModelPackageCommand({ ModelPackageName: output.modelPackageArn }));
    return found.ModelApprovalStatus;
  } catch (error) {
    if (/^(ValidationException|ResourceNotFound)$/.test(nameOf(error))) return undefined;
    throw error;
  }
}

/** The newest runs of some pipelines, the newest first. */
export async function recentRuns(place: Place, pipelines: readonly string[], most: number): Promise<RunRecord[]> {
  const executions = await Promise.all(
    pipelines.map(async (pipeline) => {
      const arns = await newestExecutions(stateMachineArn(place, pipelineNames(place, pipeline).runMachine), most);
      return Promise.all(arns.map(async (arn) => ({ pipeline, execution: await describeExecution(arn) })));
    }),
  );
  const newest = executions
    .flat()
    .sort((one, other) => other.execution.startedAt.getTime() - one.execution.startedAt.getTime())
    .slice(0, most);
  const runs = await Promise.all(newest.map(({ pipeline, execution }) => readRun(place, pipeline, execution)));
  return runs.map(({ record }) => record);
}
