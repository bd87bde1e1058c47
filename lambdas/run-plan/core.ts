/** Plans a run: its as-of day, the cutoffs whose features it needs, its names and its addresses. */
import * as z from "zod/mini";
import { type RunInput, runInput } from "../../contracts/run-execution";
import type { Champion, RunPlan } from "../../contracts/run-plan";
import { execution } from "../../contracts/values";
import type { PipelineSpec } from "../../spec/pipeline";
import { addDays, dayIn } from "../shared/days";
import { InvalidInput } from "../shared/errors";
import { fitName, slug } from "../shared/names";

/** The longest run id; it is part of folders and of SageMaker's job names. */
const longestRunId = 40;
/** SageMaker's own limit on a job's name. */
const longestJobName = 63;

/** What the pipeline's state machine hands over: its own execution, and the input that started it. */
export const planEvent = z.object({ execution, input: runInput });
export type PlanEvent = z.infer<typeof planEvent>;

/** What the deployment gives: names and addresses that do not depend on the run. */
export interface PlanContext {
  environment: string;
  trainingSetsUri: string;
  modelsUri: string;
  runReportsUri: string;
  region: string;
  specUri: string;
  trainingSourceUri: string;
  gitCommit: string;
  gitDirty: boolean;
}

/** Plans the run that an execution is to do. The same execution always gets the same plan. */
export function planRun(
  event: PlanEvent,
  spec: PipelineSpec,
  context: PlanContext,
  champion: Champion | undefined,
): RunPlan {
  const { input } = event;
  const asOf = chooseAsOf(event, spec.schedule.time_zone);
  const runId = fitName(slug(event.execution.name), longestRunId, event.execution.name);
  const jobName = fitName(`daybreak-${context.environment}-${spec.name}-${runId}`, longestJobName);
  const cutoffs = input.mode === "train" ? planCutoffs(asOf, spec.training) : [asOf];
  return {
    run_id: runId,
    pipeline: spec.name,
    mode: input.mode,
    as_of: asOf,
    started_at: instant(event.execution.started_at, "execution.started_at").toISOString(),
    cutoffs,
    label_cutoffs: input.mode === "train" ? labelCutoffs(cutoffs, asOf, spec.label.horizon_days) : [],
    trigger: input.trigger,
    ...decisionOf(input),
    git_commit: context.gitCommit,
    git_dirty: context.gitDirty,
    spec_uri: context.specUri,
    hyperparameters: hyperparameters(spec, context),
    champion: champion ?? null,
    training_job_name: jobName,
    processing_job_name: jobName,
    dataset_uri: `${context.trainingSetsUri}/${runId}`,
    model_uri: `${context.modelsUri}/${runId}`,
    report_uri: `${context.runReportsUri}/${runId}`,
    execution_arn: event.execution.arn,
  };
}

/** What a person has decided about data that was set aside: on the record, so with a reason. */
function decisionOf({ release, replay, trigger }: RunInput): Pick<RunPlan, "release" | "replay"> {
  if (release && replay) throw new InvalidInput("release and replay are two decisions: start a run for each");
  if ((release || replay) && !trigger.reason?.trim()) {
    throw new InvalidInput("trigger.reason must say why the data is released or replayed");
  }
  return {
    release: release ? { run_id: release.runId } : null,
    replay: replay ? { reason: replay.reason ?? null, run_id: replay.runId ?? null } : null,
  };
}

/**
 * The as-of day: the one asked for, else the schedule's today. Its midnight (UTC) must have passed: an as-of day to
 * come would make features of half a day, and the events of its rest would later count as late.
 */
export function chooseAsOf(event: PlanEvent, timeZone: string): string {
  const { asOf, scheduledAt } = event.input;
  const startedAt = instant(event.execution.started_at, "execution.started_at");
  if (asOf !== undefined && asOf !== null) {
    const newest = dayIn("UTC", startedAt);
    if (asOf > newest) {
      throw new InvalidInput(`asOf ${asOf} is in the future; the latest possible as-of day is ${newest} (UTC)`);
    }
    return asOf;
  }
  const at = scheduledAt === undefined || scheduledAt === null ? startedAt : instant(scheduledAt, "scheduledAt");
  const [earlier = ""] = [dayIn(timeZone, at), dayIn("UTC", at)].sort();
  return earlier;
}

function instant(text: string, what: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) {
    throw new InvalidInput(
      `${what} must be an ISO 8601 time such as 2026-01-31T05:00:00Z, got ${JSON.stringify(text)}`,
    );
  }
  return date;
}

/** Every as-of day of the training set, from the oldest on; the run's own as-of day is the last. */
export function planCutoffs(asOf: string, training: { cutoff_every_days: number; history_days: number }): string[] {
  const steps = Math.floor(training.history_days / training.cutoff_every_days);
  return Array.from({ length: steps + 1 }, (_, step) => addDays(asOf, (step - steps) * training.cutoff_every_days));
}

/** The cutoffs whose label is known by the as-of day. */
export function labelCutoffs(cutoffs: readonly string[], asOf: string, horizonDays: number): string[] {
  return cutoffs.filter((cutoff) => addDays(cutoff, horizonDays) <= asOf);
}

function hyperparameters(spec: PipelineSpec, context: PlanContext): Record<string, string> {
  const chosen = Object.entries(spec.training.hyperparameters).map(([name, value]) => [name, String(value)]);
  return {
    ...Object.fromEntries(chosen),
    seed: String(spec.training.seed),
    sagemaker_program: "train.py",
    sagemaker_submit_directory: context.trainingSourceUri,
    sagemaker_region: context.region,
    sagemaker_container_log_level: "20",
  };
}
