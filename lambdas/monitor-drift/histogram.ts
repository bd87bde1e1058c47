/** Counts values in the bins of a baseline, one at a time, so that memory use does not grow with traffic. */
import type { DriftBin } from "../../contracts/drift-report";
import { comparedBins } from "./bins";
import { populationStabilityIndex } from "./psi";
import type { FeatureShares } from "./shares";

/** The expected shares of a feature's bins: its own, then others (categories only), then missing. */
export function expectedShares(feature: FeatureShares): number[] {
  return feature.type === "numeric"
    ? [...feature.shares, feature.missing]
    : [...feature.shares, feature.other, feature.missing];
}

export class Histogram {
  readonly #feature: FeatureShares;
  readonly #counts: number[];
  readonly #categoryIndex: ReadonlyMap<string, number>;

  constructor(feature: FeatureShares) {
    this.#feature = feature;
    this.#counts = expectedShares(feature).map(() => 0);
    const categories = feature.type === "categorical" ? feature.categories : [];
    this.#categoryIndex = new Map(categories.map((category, index) => [category, index]));
  }

  /** Counts a captured value; a value of another type than the feature's counts as missing. */
  add(value: unknown): void {
    const bin = this.#binOf(value);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
  }

  /** The number of counted values. */
  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** The counts by bin: in the order of the baseline's shares, then others (categories only), then missing. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** The PSI of the counted values relative to the baseline. */
  psi(): number {
    return populationStabilityIndex(expectedShares(this.#feature), this.#counts);
  }

  /** The bins with the baseline's shares and the counts. */
  bins(): DriftBin[] {
    return comparedBins(this.#feature, this.#counts);
  }

  #binOf(value: unknown): number {
    const missing = this.#counts.length - 1;
    if (value === null || value === undefined || value === "") return missing;
    if (this.#feature.type === "categorical") return this.#categoryIndex.get(String(value)) ?? missing - 1;
    const number = typeof value === "boolean" ? Number(value) : typeof value === "string" ? Number(value) : value;
    return typeof number === "number" && !Number.isNaN(number) ? binIndex(this.#feature.edges, number) : missing;
  }
}

/** The bin of a value: the number of inner edges below it (a value on an edge belongs to the lower bin). */
export function binIndex(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] ?? Number.POSITIVE_INFINITY) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
