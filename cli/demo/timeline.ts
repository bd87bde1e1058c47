/** Plans the demo's as-of days: when v1 is trained and when live traffic is checked for drift. */
import { addDays, daysBetween } from "../../lambdas/shared/days";
import { type DataKeys, leastDataDays } from "../../spec/history";
import { UsageProblem } from "../shared/problem";

export { daysBetween };

export const dayMilliseconds = 86_400_000;

/** The share of the data before the first training: enough to train on, with enough left to show drift. */
const trainAfterShare = 0.4;
/** The time between two live steps, as a share of the data's time range. */
const stepShare = 0.05;
/** Days until the first drift check of a new version. */
const firstCheckDays = 7;

export interface Timeline {
  /** The as-of day of the first training. */
  trainAt: string;
  /** The last as-of day within the data. */
  lastDay: string;
  /** Days from one live step to the next. */
  everyDays: number;
  /** Days from a deployment to the first live step after it. */
  firstCheckDays: number;
  /** The live steps, if known in advance: an example's data drifts at a known time, or the number of checks is given. */
  liveDays?: readonly string[];
  /** Those of the live days on which the schedule trains. */
  scheduledTrainings?: readonly string[];
}

/** The as-of days for an example's data. */
export interface ExampleTimeline {
  trainAt: string;
  liveDays: readonly string[];
  /** Those of the live days on which the schedule trains; none if not given. */
  scheduledTrainings?: readonly string[];
}

export interface DataRange {
  /** The times of the first and the last event, in milliseconds. */
  first: number;
  last: number;
  /** The number of events with times far outside the range, such as those of a device whose clock was never set. */
  outside: number;
}

export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const timeOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/**
 * The range of the data without outliers, which would extend the calendar by decades. Outliers are beyond Tukey's outer fences
 * (three interquartile ranges outside the quartiles) of the days that have events. Days count once, however many events they have.
 */
export function rangeOf(times: readonly number[]): DataRange {
  const days = new Map<number, { first: number; last: number; events: number }>();
  for (const time of times) {
    const day = Math.floor(time / dayMilliseconds);
    const known = days.get(day);
    if (known === undefined) {
      days.set(day, { first: time, last: time, events: 1 });
      continue;
    }
    known.events += 1;
    if (time < known.first) known.first = time;
    if (time > known.last) known.last = time;
  }
  const sorted = [...days.keys()].sort((one, other) => one - other);
  const quartile = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? 0;
  const [low, high] = [quartile(0.25), quartile(0.75)];
  const reach = 3 * (high - low);
  const range = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, outside: 0 };
  for (const [day, { first, last, events }] of days) {
    if (day < low - reach || day > high + reach) {
      range.outside += events;
      continue;
    }
    range.first = Math.min(range.first, first);
    range.last = Math.max(range.last, last);
  }
  return range;
}

/** Whole weeks if the data is long enough: shops have a weekly pattern, and part of a week would look like drift. */
function stepDays(rangeDays: number): number {
  const days = Math.max(1, Math.round(rangeDays * stepShare));
  return days >= 5 ? Math.max(7, Math.round(days / 7) * 7) : days;
}

/** The given number of live steps, spread evenly over the days after the first training. */
function evenly(checks: number, trainAt: string, lastDay: string): string[] {
  const days = daysBetween(trainAt, lastDay);
  if (checks > days) {
    throw new UsageProblem(
      `--checks ${checks}: the data has ${days} days after the first training (${trainAt} to ${lastDay}).`,
      `Expected a number from 1 to ${days}: a day has one drift check at most.`,
    );
  }
  const step = Math.floor(days / checks);
  const every = step >= 7 ? step - (step % 7) : step;
  return Array.from({ length: checks }, (_, index) => addDays(trainAt, (index + 1) * every));
}

/**
 * The as-of days on which a demo trains and checks for drift.
 *
 * @param example the days for an example's data
 * @param checks the number of drift checks; if not given, as many as it takes to show drift and its end
 * @throws UsageProblem if the data is too short to train on, or for that many checks
 */
export function planTimeline(
  range: Pick<DataRange, "first" | "last">,
  spec: DataKeys,
  example?: ExampleTimeline,
  checks?: number,
): Timeline {
  const firstDay = dayOf(range.first);
  // As of the midnight after the last event, all data is in the past.
  const lastDay = addDays(dayOf(range.last), 1);
  const rangeDays = daysBetween(firstDay, lastDay);
  const needed = leastDataDays(spec);
  if (rangeDays < needed) {
    throw new UsageProblem(
      `The data spans ${rangeDays} days (${firstDay} to ${lastDay}); this pipeline needs at least ${needed} to train.`,
      "Train, validation and test need a cutoff each, with a whole window before it, and whose label's horizon and days of lateness have passed. Give more data, or a shorter features.window_days or label.horizon_days.",
    );
  }
  const everyDays = stepDays(rangeDays);
  const steps = { lastDay, everyDays, firstCheckDays: Math.min(firstCheckDays, everyDays) };
  const trainAfter = Math.max(Math.round(rangeDays * trainAfterShare), needed);
  const days = example ?? { trainAt: addDays(firstDay, trainAfter) };
  if (checks === undefined) return { ...steps, ...days };
  return { ...steps, trainAt: days.trainAt, liveDays: evenly(checks, days.trainAt, lastDay) };
}

/** The next live step's day, or undefined at the end of the data. `checks` counts the steps so far. */
export function nextLiveDay(
  timeline: Timeline,
  current: string,
  checks: number,
  justDeployed: boolean,
): string | undefined {
  if (timeline.liveDays !== undefined) return timeline.liveDays[checks];
  const next = addDays(current, justDeployed ? timeline.firstCheckDays : timeline.everyDays);
  return next <= timeline.lastDay ? next : undefined;
}
