/** Measured drift of a given strength, as the score stage writes it. */
import type { DriftReport } from "../../contracts/drift-report";
import type { MeasuredDrift } from "../../contracts/score-drift";

type FeatureDrift = DriftReport["features"][string];

export function scoreOf(strength: number, changes: Partial<MeasuredDrift> = {}): MeasuredDrift {
  const excess = strength / 10;
  return {
    ...{ psi: excess + 0.02, excess, p_value: strength >= 1 ? 1e-9 : 0.4 },
    ...{ strength, drifted: strength >= 1, informs: false },
    ...changes,
  };
}

export function featureOf(strength: number, changes: Partial<FeatureDrift> = {}): FeatureDrift {
  return { importance: 0.2, training: { psi: 0.05, excess: 0.02, p_value: 0.3 }, ...scoreOf(strength), ...changes };
}
