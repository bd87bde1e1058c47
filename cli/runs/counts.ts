/** What a run did with its lines and events, counted from the reports of its steps. */
import type { RunSummary } from "../../contracts/summary";
import type { ShownReports } from "./shown-reports";

export type RunCounts = Pick<
  RunSummary,
  "new_events" | "committed" | "published" | "quarantined" | "duplicates" | "feature_rows" | "scored"
>;

export function runCounts({
  transform,
  quality,
  features,
  score,
}: Pick<ShownReports, "transform" | "quality" | "features" | "score">): RunCounts {
  const committed = quality?.published === true;
  return {
    new_events: transform?.lines_read ?? 0,
    committed,
    published: committed ? quality.rows_published : 0,
    quarantined: addCounts(transform?.quarantined ?? {}, quality?.quarantined ?? {}),
    duplicates: transform?.duplicates_removed ?? 0,
    feature_rows: features?.rows_appended ?? 0,
    scored: score?.rows ?? 0,
  };
}

/** Adds counts to totals by name. */
export function addCounts(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of counts) {
    for (const [name, value] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}
