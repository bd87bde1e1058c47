/** Plans the demo's as-of days: when v1 is trained and when live traffic is checked for drift. */
import { addDays } from "../../lambdas/shared/days";
import type { PipelineSpec } from "../../spec/pipeline";
import { UsageProblem } from "../shared/problem";

export const dayMilliseconds = 86_400_000;

/** The share of the data before the first training: enough to train on, with enough left to show drift. */
const trainAfterShare = 0.4;
/** The time between two live steps, as a share of the data's time range. */
const stepShare = 0.05;
/** Days until the first drift check of a new version. */
const firstLookDays = 7;
/** The number of cutoffs that training needs before its as-of day, beyond the label's horizon. */
const neededCutoffs = 4;

export interface Timeline {
  /** The as-of day of the first training. */
  trainAt: string;
  /** The last as-of day within the data. */
  lastDay: string;
  /** Days from one live step to the next. */
  everyDays: number;
  /** Days from a deployment to the first live step after it. */
  firstLookDays: number;
  /** The live steps, if known in advance: the examples' data drifts at a known time. */
  liveDays?: readonly string[];
}

/** The as-of days for an example's data. */
export interface ExampleTimeline {
  trainAt: string;
  liveDays: readonly string[];
}

export interface DataRange {
  /** The times of the first and the last event, in milliseconds. */
  first: number;
  last: number;
}

export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const timeOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const daysBetween = (from: string, to: string): number =>
  Math.round((timeOfDay(to) - timeOfDay(from)) / dayMilliseconds);

/** Whole weeks if the data is long enough: shops have a weekly pattern, and part of a week would look like drift. */
function stepDays(rangeDays: number): number {
  const days = Math.max(1, Math.round(rangeDays * stepShare));
  return days >= 5 ? Math.max(7, Math.round(days / 7) * 7) : days;
}

/**
 * The as-of days on which a demo trains and checks for drift.
 *
 * @throws UsageProblem if the data is too short to train on
 */
export function planTimeline(
  range: DataRange,
  spec: Pick<PipelineSpec, "label" | "training">,
  example?: ExampleTimeline,
): Timeline {
  const firstDay = dayOf(range.first);
  // As of the midnight after the last event, all data is in the past.
  const lastDay = addDays(dayOf(range.last), 1);
  const rangeDays = daysBetween(firstDay, lastDay);
  const needed = spec.label.horizon_days + neededCutoffs * spec.training.cutoff_every_days;
  if (rangeDays < needed) {
    throw new UsageProblem(
      `The data spans ${rangeDays} days (${firstDay} to ${lastDay}); this pipeline needs at least ${needed} to train.`,
      `That is the label's horizon (${spec.label.horizon_days} days) and ${neededCutoffs} cutoffs of ${spec.training.cutoff_every_days} days. Give more data, or a shorter horizon or cutoff_every_days.`,
    );
  }
  const everyDays = stepDays(rangeDays);
  const steps = { lastDay, everyDays, firstLookDays: Math.min(firstLookDays, everyDays) };
  if (example !== undefined) return { ...steps, ...example };
  const trainAfter = Math.max(Math.round(rangeDays * trainAfterShare), needed);
  return { ...steps, trainAt: addDays(firstDay, trainAfter) };
}

/** The next live step's day, or undefined at the end of the data. `looks` counts the steps so far. */
export function nextLiveDay(
  timeline: Timeline,
  current: string,
  looks: number,
  justDeployed: boolean,
): string | undefined {
  if (timeline.liveDays !== undefined) return timeline.liveDays[looks];
  const next = addDays(current, justDeployed ? timeline.firstLookDays : timeline.everyDays);
  return next <= timeline.lastDay ? next : undefined;
}
