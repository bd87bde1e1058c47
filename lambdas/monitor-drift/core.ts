/** What a check makes of a day's drift, as the score stage measured it. */
import type { DriftReport } from "../../contracts/drift-report";
import type { ScoreDrift } from "../../contracts/score-drift";

export interface CheckContext {
  /** The serving version; null if none is serving. */
  version: number | null;
  asOf: string;
  checkedAt: Date;
  latest: DriftReport | undefined;
}

/** The report of a check without a result, which does not mean that there is no drift. */
export function skippedReport(reason: string, { version, asOf, checkedAt, latest }: CheckContext): DriftReport {
  return {
    status: "skipped",
    reason,
    run_id: null,
    as_of: asOf,
    version,
    rows: 0,
    features: {},
    score: null,
    // A check without a result does not end an episode.
    drifting_since: latest?.version === version ? latest.drifting_since : null,
    checked_run: latest?.checked_run ?? null,
    checked_at: checkedAt.toISOString(),
  };
}

/** The report of the check of a day's drift. */
export function judgeDrift(drift: ScoreDrift, context: CheckContext): DriftReport {
  const { version, latest } = context;
  if (drift.version !== version) {
    const now = version === null ? "none is serving" : `v${version} is serving`;
    return skippedReport(`v${drift.version} scored ${drift.as_of}, and ${now}`, context);
  }
  if (drift.run_id === latest?.checked_run) {
    return skippedReport(`no day was scored since the check of ${latest.as_of} (${latest.checked_at})`, context);
  }
  const episode = skippedReport("", context).drifting_since;
  const since = { drift: episode ?? drift.as_of, stable: null, skipped: episode }[drift.status];
  return {
    status: drift.status,
    ...(drift.reason !== undefined && { reason: drift.reason }),
    run_id: drift.run_id,
    as_of: drift.as_of,
    version,
    rows: drift.rows,
    features: drift.features,
    score: drift.score,
    drifting_since: since,
    checked_run: drift.run_id,
    checked_at: context.checkedAt.toISOString(),
  };
}
