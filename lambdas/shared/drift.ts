import type { DriftReport } from "../../contracts/drift-report";

/** The drifted features, highest PSI first. */
export function driftedFeatures(features: DriftReport["features"]): string[] {
  return Object.entries(features)
    .filter(([, { drifted }]) => drifted)
    .sort(([, a], [, b]) => b.psi - a.psi)
    .map(([name]) => name);
}
