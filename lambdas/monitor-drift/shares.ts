/** The baseline's counts of evaluation rows as shares, which requests are compared with. */
import type { Baseline } from "../../contracts/baseline";

export interface NumericShares {
  type: "numeric";
  edges: number[];
  shares: number[];
  missing: number;
}

export type FeatureShares =
  | NumericShares
  | { type: "categorical"; categories: string[]; shares: number[]; other: number; missing: number };

export interface BaselineShares {
  features: Record<string, FeatureShares>;
  prediction: NumericShares;
}

export function sharesOf({ evaluation, features, score }: Baseline): BaselineShares {
  const share = (counts: readonly number[]) => counts.map((count) => count / Math.max(1, evaluation.rows));
  const ranges = (edges: number[], counts: readonly number[]): NumericShares => ({
    ...{
      type: "numeric" as const,
      edges,
      shares: share(counts.slice(0, -1)),
      missing: share(counts.slice(-1))[0] ?? 0,
    },
  });
  const numeric = (described: Baseline["score"]): NumericShares => {
    if (described.type === "numeric") return ranges(described.edges, described.evaluation);
    const [equal = 0, other = 0, missing = 0] = described.evaluation;
    return ranges([], [equal + other, missing]);
  };
  const of = (described: Baseline["features"][string]): FeatureShares => {
    if (described.type !== "categorical") return numeric(described);
    const { categories } = described;
    const [other = 0, missing = 0] = share(described.evaluation.slice(-2));
    return { type: "categorical", categories, shares: share(described.evaluation.slice(0, -2)), other, missing };
  };
  return {
    features: Object.fromEntries(Object.entries(features).map(([name, described]) => [name, of(described)])),
    prediction: numeric(score),
  };
}
