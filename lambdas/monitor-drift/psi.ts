/**
 * The population stability index, as credit scoring uses it (Siddiqi, "Credit Risk Scorecards", 2006; Yurdakul,
 * "Statistical Properties of Population Stability Index", 2018):
 *
 *     PSI = Σ over bins (actual − expected) · ln(actual / expected)
 *
 * It is 0 for equal distributions, never negative, and symmetric. It is usually interpreted as follows: below 0.1 stable,
 * 0.1 to 0.25 a moderate shift, above 0.25 drift. Chance alone gives about
 * (bins − 1) · (1/n + 1/m) for samples of n and m, which is why a check of few samples is skipped.
 */

/** The share assumed for an empty bin, so that a single value in it does not make the index infinite. */
const smallestShare = 1e-4;

/** The PSI of the actual relative to the expected weights (shares or counts) of the same bins. */
export function populationStabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  if (expected.length !== actual.length) {
    throw new RangeError(`expected ${expected.length} bins, got ${actual.length}`);
  }
  const expectedShares = smoothedShares(expected);
  const actualShares = smoothedShares(actual);
  const index = expectedShares.reduce((sum, expectedShare, bin) => {
    const actualShare = actualShares[bin] ?? expectedShare;
    return sum + (actualShare - expectedShare) * Math.log(actualShare / expectedShare);
  }, 0);
  // No term is negative, except by rounding.
  return Math.max(0, index);
}

/** Positive shares that sum to 1. */
function smoothedShares(weights: readonly number[]): number[] {
  const total = sum(weights);
  const floored = weights.map((weight) => Math.max(total > 0 ? weight / total : 0, smallestShare));
  const flooredTotal = sum(floored);
  return floored.map((share) => share / flooredTotal);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
