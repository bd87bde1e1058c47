/** Executions of the other workflows: deployments and drift checks. */
import type { ModelQuality } from "../../contracts/model-quality";
import type { Place } from "../../infra/names";
import { readableCause } from "../../lambdas/shared/cause";
import { type Chosen, commandLine } from "../../lambdas/shared/command-line";
import { currentState } from "../shared/executions";
import { duration } from "../shared/output";
import { newestQuality, qualityText } from "../shared/quality";
import type { FoundExecution } from "./find";

export interface WorkflowRecord {
  pipeline: string;
  workflow: FoundExecution["workflow"];
  name: string;
  arn: string;
  outcome: "running" | "succeeded" | "failed";
  /** The state that it is in, or the one that failed. */
  state: string | null;
  started_at: string;
  seconds: number;
  input: unknown;
  output: unknown;
  error: string | null;
  cause: string | null;
  /** Of a check that found the labels of further days to be known: whether the serving version keeps its promise. */
  quality: ModelQuality | null;
}

export async function readWorkflow(
  place: Place,
  { pipeline, workflow, execution }: FoundExecution,
): Promise<WorkflowRecord> {
  const { status, error, cause } = execution;
  const outcome = status === "RUNNING" ? "running" : status === "SUCCEEDED" ? "succeeded" : "failed";
  return {
    ...{ pipeline, workflow, name: execution.name, arn: execution.arn, outcome },
    state: (outcome === "succeeded" ? undefined : await currentState(execution.arn)) ?? null,
    started_at: execution.startedAt.toISOString(),
    seconds: execution.seconds,
    input: execution.input,
    output: execution.output ?? null,
    error: outcome === "failed" ? (error ?? status) : null,
    cause: cause === undefined ? null : readableCause(cause),
    quality: workflow === "monitor" ? await qualityFoundBy(place, pipeline, execution) : null,
  };
}

/** The newest check of the quality, if this execution made it. */
async function qualityFoundBy(
  place: Place,
  pipeline: string,
  { startedAt, seconds }: FoundExecution["execution"],
): Promise<ModelQuality | null> {
  const newest = await newestQuality(place, pipeline);
  const after = newest === undefined ? -1 : (Date.parse(newest.checked_at) - startedAt.getTime()) / 1000;
  return newest !== undefined && after >= 0 && after <= seconds ? newest : null;
}

const subjects = { run: "Run", serve: "Deployment", monitor: "Drift check" } as const;

export function describeWorkflow(record: WorkflowRecord, chosen: Chosen): string {
  const { pipeline, workflow, name, outcome, state, seconds } = record;
  const at = state === null ? "" : ` at ${state}`;
  // A drift check's output is its whole report; --json has all of it.
  const brief = (value: unknown) =>
    Object.entries(typeof value === "object" && value !== null ? value : {})
      .flatMap(([key, one]) => (typeof one === "object" ? [] : [`${key} ${one}`]))
      .join(", ");
  return [
    `${subjects[workflow]} ${name} of ${pipeline}: ${outcome}${at} (${duration(seconds)})`,
    "",
    `  started    ${record.started_at.slice(0, 16).replace("T", " ")} UTC`,
    `  input      ${brief(record.input)}`,
    ...(record.output === null ? [] : [`  output     ${brief(record.output)}`]),
    ...(record.quality === null ? [] : [`  quality    ${qualityText(record.quality)}`]),
    ...(record.error === null ? [] : [`  error      ${record.error}`]),
    ...(record.cause === null ? [] : [`  cause      ${record.cause.replaceAll("\n", "\n             ")}`]),
    ...(outcome === "running" ? ["", "Next", `  follow it  ${commandLine(["show", name, "--follow"], chosen)}`] : []),
  ].join("\n");
}
