/** Finds what a monitor job has to check, so that no job starts for nothing. */
import type { ScoredDay } from "../../contracts/drift-report";
import type { MaturedDay, QualityPlan } from "../../contracts/monitor-plan";
import type { PipelineSpec } from "../../spec/pipeline";
import { addDays } from "../shared/days";

/** The parts of a pipeline that decide which scored days a check of the quality looks at. */
export type QualityRules = Pick<PipelineSpec, "label" | "events" | "monitoring">;

/** So many days are judged at most: after a long pause of the checks, older ones never are. */
const longestPause = 92;

/** The days that a check looks at. */
export interface Range {
  /** The first day whose scores are judged if they are not yet. */
  from: string;
  /** The first day of the pooled window. */
  since: string;
  /** The last day whose labels are known. */
  until: string;
}

/**
 * The scored days that a check looks at: their label is known on the as-of day, and they are in the pooled window, or have
 * become known since the newest day that was judged.
 */
export function rangeOf(asOf: string, newestJudged: string | undefined, rules: QualityRules): Range {
  const until = addDays(asOf, -(rules.label.horizon_days + rules.events.allowed_lateness_days));
  const since = addDays(until, 1 - rules.monitoring.quality.window_days);
  const next = newestJudged === undefined ? since : addDays(newestJudged, 1);
  const earliest = next < since ? next : since;
  const limit = addDays(until, 1 - Math.max(longestPause, rules.monitoring.quality.window_days));
  return { from: earliest < limit ? limit : earliest, since, until };
}

/** A scored day, with the run whose scores were judged; undefined if none was. */
export interface FoundDay extends Pick<ScoredDay, "as_of" | "run_id"> {
  judgedRun: string | undefined;
}

/** The days that matter to a check: those to judge, and all of the window; none if there is nothing to judge. */
export function daysToCheck(found: readonly FoundDay[], { since }: Range): FoundDay[] {
  // A day that was scored again, by a later run, is judged again.
  const isNew = ({ run_id, judgedRun }: FoundDay) => run_id !== judgedRun;
  return found.some(isNew) ? found.filter((day) => isNew(day) || day.as_of >= since) : [];
}

/** The plan of a check, or null if it would find nothing new. */
export function qualityPlan(asOf: string, since: string, days: readonly MaturedDay[]): QualityPlan | null {
  return days.length === 0 ? null : { as_of: asOf, since, days: [...days] };
}

/** The evaluation of the version with this baseline: the evaluation job writes both into one folder. */
export function evaluationOf(baselineUri: string): string {
  return `${baselineUri.slice(0, baselineUri.lastIndexOf("/"))}/evaluation.json`;
}
