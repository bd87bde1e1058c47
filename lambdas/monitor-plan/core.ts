/** Finds what a monitor job has to check, so that no job starts for nothing. */
import type { ScoredDay } from "../../contracts/drift-report";
import type { PipelineSpec } from "../../spec/pipeline";
import { addDays } from "../shared/days";

/** The parts of a pipeline that decide which scored days a check of the quality looks at. */
export type QualityRules = Pick<PipelineSpec, "label" | "events" | "monitoring">;

/** So many days are judged at most: after a longer pause of the checks, older ones never are. */
const longestPause = 184;

/** The days that a check may look at. */
export interface Range {
  /** The first. */
  from: string;
  /** The last day whose labels are known. */
  until: string;
}

/**
 * The scored days that a check may look at: their label is known on the as-of day, and they have become known since the newest day
 * that was judged, or may be in a window with one that has.
 */
export function rangeOf(asOf: string, newestJudged: string | undefined, rules: QualityRules): Range {
  const until = addDays(asOf, -(rules.label.horizon_days + rules.events.allowed_lateness_days));
  const window = rules.monitoring.quality.window_days;
  const limit = addDays(until, 1 - Math.max(longestPause, window));
  if (newestJudged === undefined) return { from: limit, until };
  const [next = until] = [addDays(newestJudged, 1), until].sort();
  const from = addDays(next, 1 - window);
  return { from: from < limit ? limit : from, until };
}

/** A scored day, with the run whose scores were judged; undefined if none was. */
export interface FoundDay extends Pick<ScoredDay, "as_of" | "run_id"> {
  judgedRun: string | undefined;
}

/** The days that a check looks at, and the first day of its window. */
export interface DaysToCheck {
  since: string;
  days: FoundDay[];
}

/**
 * The days that matter to a check: those to judge, and all of the window, which ends with the newest day whose labels are known.
 * undefined if there is nothing to judge.
 */
export function daysToCheck(found: readonly FoundDay[], rules: QualityRules): DaysToCheck | undefined {
  // A day that was scored again, by a later run, is judged again.
  const isNew = ({ run_id, judgedRun }: FoundDay) => run_id !== judgedRun;
  const newest = found.at(-1);
  if (newest === undefined || !found.some(isNew)) return undefined;
  const since = addDays(newest.as_of, 1 - rules.monitoring.quality.window_days);
  return { since, days: found.filter((day) => isNew(day) || day.as_of >= since) };
}

/** The evaluation of the version with this baseline: the evaluation job writes both into one folder. */
export function evaluationOf(baselineUri: string): string {
  return `${baselineUri.slice(0, baselineUri.lastIndexOf("/"))}/evaluation.json`;
}
