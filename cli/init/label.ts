/** Chooses the window, the cadence and the horizon by what the entities did, so that there is something to predict. */

import { defaultLatenessDays } from "../../spec/events";
import { leastHistoryDays } from "../../spec/history";
import { dayMilliseconds, dayOf, rangeOf } from "../demo/timeline";
import { timeOf } from "../feed/event";
import { readRows } from "../feed/rows";
import type { Field } from "./fields";

export interface Plan {
  firstDay: string;
  lastDay: string;
  rangeDays: number;
  windowDays: number;
  cutoffEveryDays: number;
  horizonDays: number;
  historyDays: number;
  /** The share of entities without an event in the horizon; undefined if the file is too short to tell. */
  inactiveShare: number | undefined;
  /** Entities with an event in the window, on a typical day. */
  activeEntities: number;
  /** Rows with a label, up to the demo's first training. */
  labelledRows: number;
}

const windows = [180, 90, 28, 14, 7, 3, 2, 1];
const horizons = [1, 2, 3, 7, 14, 28, 56, 90];
/** A model cannot learn from a label that is nearly always the same. */
const usefulShare = 0.03;
/** The share of the data before the first training, as the demo plans it. */
const trainAfterShare = 0.4;

/** The days on which each entity has events, and the range of all. */
export async function readActivity(path: string, time: string, entity: string, fields: readonly Field[]) {
  const days = new Map<string, Set<number>>();
  const times: number[] = [];
  const now = Date.now();
  const names = fields.map(({ name }) => name);
  for await (const { value: row } of readRows(path, names)) {
    if (row === undefined) continue;
    const at = timeOf(row[time]);
    const who = row[entity];
    if (at === undefined || at > now || who === undefined || who === null || who === "") continue;
    times.push(at);
    const own = days.get(String(who)) ?? new Set();
    days.set(String(who), own.add(Math.floor(at / dayMilliseconds)));
  }
  return { days: [...days.values()].map((own) => [...own].sort((one, other) => one - other)), range: rangeOf(times) };
}

/** Plans a pipeline for this activity. */
export function planFor({ days, range }: Awaited<ReturnType<typeof readActivity>>): Plan {
  const first = Math.floor(range.first / dayMilliseconds);
  const last = Math.floor(range.last / dayMilliseconds);
  const rangeDays = last - first + 1;
  const windowDays = windows.find((one) => one <= rangeDays / 4) ?? 1;
  const cutoffEveryDays = rangeDays >= 70 ? 7 : 1;
  const possible = horizons.filter(
    (one) => windowDays + leastHistoryOf(one, cutoffEveryDays) <= rangeDays * trainAfterShare,
  );
  const measured = (possible.length > 0 ? possible : [1]).map((horizonDays) => {
    return { horizonDays, ...measure(days, { first, last, windowDays, cutoffEveryDays, horizonDays }) };
  });
  const distance = ({ inactiveShare }: (typeof measured)[number]) => Math.abs((inactiveShare ?? 0) - 0.5);
  const [best] = measured.sort((one, other) => distance(one) - distance(other));
  const horizonDays = best?.horizonDays ?? 1;
  const least = leastHistoryOf(horizonDays, cutoffEveryDays);
  return {
    ...{
      firstDay: dayOf(range.first),
      lastDay: dayOf(range.last),
      rangeDays,
      windowDays,
      cutoffEveryDays,
      horizonDays,
    },
    historyDays: Math.min(1825, Math.max(least, Math.ceil(rangeDays / cutoffEveryDays) * cutoffEveryDays)),
    ...{
      inactiveShare: best?.inactiveShare,
      activeEntities: best?.activeEntities ?? 0,
      labelledRows: best?.labelledRows ?? 0,
    },
  };
}

/** The proposal leaves the lateness of events at its default. */
export const leastHistoryOf = (horizonDays: number, cutoffEveryDays: number): number =>
  leastHistoryDays({
    label: { horizon_days: horizonDays },
    events: { allowed_lateness_days: defaultLatenessDays },
    training: { cutoff_every_days: cutoffEveryDays },
  });

/** Whether the label of a plan differs between entities. */
export const isUseful = ({ inactiveShare }: Pick<Plan, "inactiveShare">): boolean =>
  inactiveShare !== undefined && inactiveShare >= usefulShare && inactiveShare <= 1 - usefulShare;

interface Question {
  first: number;
  last: number;
  windowDays: number;
  cutoffEveryDays: number;
  horizonDays: number;
}

/** What the label would be on the cutoffs of the data. */
export function measure(days: readonly (readonly number[])[], question: Question) {
  const { first, last, windowDays, cutoffEveryDays, horizonDays } = question;
  const trainAt = first + Math.round((last - first + 1) * trainAfterShare);
  let rows = 0;
  let inactive = 0;
  let labelledRows = 0;
  let cutoffs = 0;
  for (let cutoff = first + windowDays; cutoff + horizonDays <= last + 1; cutoff += cutoffEveryDays) {
    cutoffs += 1;
    for (const own of days) {
      // The entity's first day at or after the cutoff.
      const position = lowerBound(own, cutoff);
      const before = own[position - 1];
      if (before === undefined || before < cutoff - windowDays) continue;
      rows += 1;
      if (cutoff + horizonDays + defaultLatenessDays <= trainAt) labelledRows += 1;
      const next = own[position];
      if (next === undefined || next >= cutoff + horizonDays) inactive += 1;
    }
  }
  const inactiveShare = rows === 0 ? undefined : inactive / rows;
  return { inactiveShare, labelledRows, activeEntities: cutoffs === 0 ? 0 : Math.round(rows / cutoffs) };
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
