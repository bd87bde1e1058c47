/** Plans a run: its as-of day, the cutoffs whose features it needs, its names and URIs. */
import * as z from "zod/mini";
import type { PostponedRetraining } from "../../contracts/drift-report";
import { type RunInput, runInput } from "../../contracts/run-execution";
import type { Champion, RunPlan } from "../../contracts/run-plan";
import type { LastTraining } from "../../contracts/training-decision";
import { execution } from "../../contracts/values";
import { leastHistoryDays } from "../../spec/history";
import type { PipelineSpec } from "../../spec/pipeline";
import { addDays, asOfDay, dayIn } from "../shared/days";
import { InvalidInput } from "../shared/errors";
import { fitName, slug } from "../shared/names";

/** The maximum length of a run ID, which is part of folder names and SageMaker job names. */
const longestRunId = 40;
/** SageMaker's limit on job names. */
const longestJobName = 63;

/** The event from the state machine: its execution and the execution's input. */
export const planEvent = z.object({ execution, input: runInput });
export type PlanEvent = z.infer<typeof planEvent>;

/** Names and URIs from the deployment, which do not depend on the run. */
export interface PlanContext {
  /** Start of the SageMaker jobs' names. */
  jobNamePrefix: string;
  trainingSetsUri: string;
  scoringSetsUri: string;
  scoreReportsUri: string;
  modelsUri: string;
  runReportsUri: string;
  region: string;
  specUri: string;
  modelSourceUri: string;
  gitCommit: string;
  gitDirty: boolean;
}

/** The versions that a run's new model is compared with. */
export interface Predecessors {
  champion?: Champion | undefined;
  floor?: Champion | undefined;
}

/** The ID of the run that an execution does. */
export const runIdOf = (executionName: string): string => fitName(slug(executionName), longestRunId, executionName);

/** Plans the run of an execution. The same execution always gets the same plan. */
export function planRun(
  event: PlanEvent,
  spec: PipelineSpec,
  context: PlanContext,
  { champion, floor }: Predecessors,
): RunPlan {
  const { input } = event;
  const asOf = chooseAsOf(event, spec.schedule.time_zone);
  const runId = runIdOf(event.execution.name);
  const jobName = (suffix = "") => fitName(`${context.jobNamePrefix}${runId}${suffix}`, longestJobName);
  const cutoffs = input.mode === "train" ? planCutoffs(asOf, spec.training) : [asOf];
  return {
    run_id: runId,
    pipeline: spec.name,
    mode: input.mode,
    as_of: asOf,
    started_at: instant(event.execution.started_at, "execution.started_at").toISOString(),
    cutoffs,
    label_cutoffs: input.mode === "train" ? labelCutoffs(cutoffs, asOf, spec) : [],
    least_history_days: leastHistoryDays(spec),
    trigger: input.trigger,
    ...decisionOf(input),
    git_commit: context.gitCommit,
    git_dirty: context.gitDirty,
    spec_uri: context.specUri,
    source_uri: context.modelSourceUri,
    hyperparameters: hyperparameters(spec),
    champion: champion ?? null,
    floor: floor ?? null,
    training_job_name: jobName(),
    refit_job_name: jobName("-refit"),
    processing_job_name: jobName(),
    score_job_name: jobName("-score"),
    scoring_set_uri: `${context.scoringSetsUri}/${runId}`,
    score_report_uri: `${context.scoreReportsUri}/${runId}`,
    dataset_uri: `${context.trainingSetsUri}/${runId}`,
    model_uri: `${context.modelsUri}/${runId}`,
    report_uri: `${context.runReportsUri}/${runId}`,
    execution_arn: event.execution.arn,
  };
}

/** A person's decision to release or replay held-back data. It is recorded, so it needs a reason. */
function decisionOf({ release, replay, trigger }: RunInput): Pick<RunPlan, "release" | "replay"> {
  if (release && replay) throw new InvalidInput("release and replay cannot be combined: start a run for each");
  if ((release || replay) && !trigger.reason?.trim()) {
    throw new InvalidInput("trigger.reason must say why the data is released or replayed");
  }
  return {
    release: release ? { run_id: release.runId } : null,
    replay: replay ? { reason: replay.reason ?? null, run_id: replay.runId ?? null } : null,
  };
}

/**
 * The as-of day: the requested one, otherwise the current day in the schedule's time zone. Its midnight (UTC) must have
 * passed: features as of a future day would lack events, which would then be quarantined as late.
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
  return asOfDay(timeZone, at);
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

/** All as-of days of the training set, oldest first; the run's as-of day is the last. */
export function planCutoffs(asOf: string, training: { cutoff_every_days: number; history_days: number }): string[] {
  const steps = Math.floor(training.history_days / training.cutoff_every_days);
  return Array.from({ length: steps + 1 }, (_, step) => addDays(asOf, (step - steps) * training.cutoff_every_days));
}

/** The parts of a pipeline that decide when a label is known. */
export type LabelTiming = Pick<PipelineSpec, "label" | "events">;

/**
 * The day from which a cutoff's label is known: its horizon has passed, and so has the time in which events of the horizon may
 * still arrive. Until then a label can say that something did not happen because the news of it has not come.
 */
export function labelKnownOn(cutoff: string, { label, events }: LabelTiming): string {
  return addDays(cutoff, label.horizon_days + events.allowed_lateness_days);
}

/** The cutoffs whose label is known by the as-of day. */
export function labelCutoffs(cutoffs: readonly string[], asOf: string, timing: LabelTiming): string[] {
  return cutoffs.filter((cutoff) => labelKnownOn(cutoff, timing) <= asOf);
}

/** The cutoffs with a known label that a run as of a day would have since the beginning of a drift. */
export function labelledSince(
  onset: string,
  asOf: string,
  spec: Pick<PipelineSpec, "training" | "label" | "events">,
): string[] {
  return labelCutoffs(planCutoffs(asOf, spec.training), asOf, spec).filter((cutoff) => cutoff >= onset);
}

/** Whether a retraining that waited for labels is due: its day has come, and no model was evaluated on that day or later. */
export function isDue(postponed: PostponedRetraining, asOf: string, last: LastTraining | undefined): boolean {
  return postponed.due <= asOf && (last === undefined || last.as_of < postponed.due);
}

/** The input of a scheduled run, which trains if a retraining is due. */
export function withRetraining(input: RunInput, due: PostponedRetraining | undefined): RunInput {
  if (due === undefined || input.mode === "train") return input;
  return { ...input, mode: "train", trigger: { type: due.cause, actor: due.alarm, reason: due.reason } };
}

function hyperparameters(spec: PipelineSpec): Record<string, string> {
  const chosen = Object.entries(spec.training.hyperparameters).map(([name, value]) => [name, String(value)]);
  return {
    ...Object.fromEntries(chosen),
    seed: String(spec.training.seed),
    threshold: String(spec.serving.threshold),
    ...(spec.serving.costs && { costs: JSON.stringify(spec.serving.costs) }),
  };
}
