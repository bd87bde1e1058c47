/** Describes a histogram: each bin with its limits or category, and the shares of the baseline and of the live traffic. */
import type { DriftBin } from "../../contracts/drift-report";
import type { FeatureShares } from "./shares";

/** The report is a state's output, whose size is limited, so only this many categories get a separate bin. */
const mostCategories = 12;
const longestCategory = 60;

/** The bins of a feature. `counts` has the order of the baseline's shares, then others (categories only), then missing. */
export function comparedBins(feature: FeatureShares, counts: readonly number[]): DriftBin[] {
  const live = (bin: number) => counts[bin] ?? 0;
  const missing: DriftBin = { kind: "missing", baseline: feature.missing, live: live(counts.length - 1) };
  if (feature.type === "numeric") {
    const ranges = feature.shares.map(
      (baseline, bin): DriftBin => ({
        kind: "range",
        above: feature.edges[bin - 1] ?? null,
        up_to: feature.edges[bin] ?? null,
        baseline,
        live: live(bin),
      }),
    );
    return [...ranges, missing];
  }
  const categories = feature.categories.map((category, bin) => ({
    ...{ kind: "category" as const, category: shortened(category) },
    ...{ baseline: feature.shares[bin] ?? 0, live: live(bin) },
  }));
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const weight = (bin: { baseline: number; live: number }) => Math.max(bin.baseline, bin.live / total);
  const own = new Set([...categories].sort((one, another) => weight(another) - weight(one)).slice(0, mostCategories));
  const rest = categories.filter((bin) => !own.has(bin));
  const other: DriftBin = {
    kind: "other",
    // The sum of many shares may exceed 1 by a rounding error.
    baseline: Math.min(
      1,
      rest.reduce((sum, { baseline }) => sum + baseline, feature.other),
    ),
    live: rest.reduce((sum, bin) => sum + bin.live, live(counts.length - 2)),
  };
  return [...categories.filter((bin) => own.has(bin)), other, missing];
}

function shortened(category: string): string {
  const characters = [...category];
  return characters.length <= longestCategory ? category : `${characters.slice(0, longestCategory - 1).join("")}…`;
}
