import type { DriftReport } from "../../contracts/drift-report";

/** The drifted features, the strongest drift first. */
export function driftedFeatures(features: DriftReport["features"]): string[] {
  return Object.entries(features)
    .filter(([, { drifted }]) => drifted)
    .sort(([, a], [, b]) => b.strength - a.strength)
    .map(([name]) => name);
}
