/** What a check found, as the decision about a retraining sees it: drift of the customers, or a broken promise of quality. */
import type { AlertOf } from "../../contracts/alert-message";
import type { DriftReport } from "../../contracts/drift-report";
import type { ModelQuality } from "../../contracts/model-quality";
import type { RetrainingCause } from "../../contracts/values";
import { driftedFeatures } from "../shared/drift";

/** The newest check of one kind. */
export interface Finding {
  cause: RetrainingCause;
  /** Whether it calls for a retraining. */
  isBad: boolean;
  status: string;
  reason: string | undefined;
  /** The first as-of day of what it reports. */
  onset: string;
  asOf: string;
  checkedAt: string;
  evidence: Pick<AlertOf<"retraining-started">, "version" | "rows" | "drifted" | "shortfall">;
}

export function driftFinding(report: DriftReport): Finding {
  const drifted = driftedFeatures(report.features).map((name) => ({ name, psi: report.features[name]?.psi ?? 0 }));
  if (report.score?.drifted === true) drifted.push({ name: "(score)", psi: report.score.psi });
  return {
    cause: "drift",
    isBad: report.status === "drift",
    status: report.status,
    reason: report.reason,
    onset: report.drifting_since ?? report.as_of,
    asOf: report.as_of,
    checkedAt: report.checked_at,
    evidence: { version: report.version, rows: report.rows, drifted, shortfall: null },
  };
}

/** The metrics in an alert about quality: the one that decides first. */
const reportedMetrics = ["auc", "f1", "log_loss", "base_rate"] as const;

export function qualityFinding(report: ModelQuality): Finding {
  const serving = report.versions.find(({ version }) => version === report.version);
  const names = [report.metric, ...reportedMetrics.filter((name) => name !== report.metric)];
  return {
    cause: "quality",
    isBad: report.status === "broken",
    status: report.status,
    reason: report.reason,
    onset: serving?.onset ?? report.newest_day,
    asOf: report.as_of,
    checkedAt: report.checked_at,
    evidence: {
      version: report.version,
      rows: serving?.rows ?? 0,
      drifted: [],
      shortfall: serving === undefined ? null : shortfallOf(serving, names),
    },
  };
}

function shortfallOf(
  { days, rows, metrics }: ModelQuality["versions"][number],
  names: readonly (typeof reportedMetrics)[number][],
): Finding["evidence"]["shortfall"] {
  return {
    days,
    rows,
    metrics: names.map((name) => {
      const { value, interval, promised, promised_interval } = metrics[name];
      return { name, value, interval, promised, promisedInterval: promised_interval };
    }),
  };
}
