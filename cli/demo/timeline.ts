/** Plans the demo's as-of days: when v1 is trained, and when live traffic is checked. */
import { addDays } from "../../lambdas/shared/days";
import type { PipelineSpec } from "../../spec/pipeline";
import { UsageProblem } from "../shared/problem";

export const dayMilliseconds = 86_400_000;

/** The share of the data before the first training: enough to learn from, with enough left to see drift. */
const trainAfterShare = 0.4;
/** The distance of two live steps, as a share of the data's range. */
const stepShare = 0.05;
/** Days until the first drift check of a new version. */
const firstLookDays = 7;
/** Cutoffs that training needs before the day it trains at, beyond the label's horizon. */
const neededCutoffs = 4;

export interface Timeline {
  /** The as-of day of the first training. */
  trainAt: string;
  /** The last as-of day that the data reaches. */
  lastDay: string;
  /** Days from one live step to the next. */
  everyDays: number;
  /** Days from a deployment to the first live step after it. */
  firstLookDays: number;
  /** The live steps, where they are known beforehand: the examples' data drift at a known time. */
  liveDays?: readonly string[];
}

/** The as-of days that suit an example's data. */
export interface ExampleTimeline {
  trainAt: string;
  liveDays: readonly string[];
}

export interface DataRange {
  /** Milliseconds of the first and of the last event. */
  first: number;
  last: number;
}

export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const timeOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const daysBetween = (from: string, to: string): number =>
  Math.round((timeOfDay(to) - timeOfDay(from)) / dayMilliseconds);

/** Whole weeks where the data is long enough: shops have weekly rhythms, and part of a week would look like drift. */
function stepDays(rangeDays: number): number {
  const days = Math.max(1, Math.round(rangeDays * stepShare));
  return days >= 5 ? Math.max(7, Math.round(days / 7) * 7) : days;
}

/**
 * The as-of days on which a demo trains and checks for drift.
 *
 * @throws UsageProblem when the data is too short to have learned anything by its end
 */
export function planTimeline(
  range: DataRange,
  spec: Pick<PipelineSpec, "label" | "training">,
  example?: ExampleTimeline,
): Timeline {
  const firstDay = dayOf(range.first);
  // As of the midnight after the last event, all of the data has been seen.
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
