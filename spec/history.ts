/** How much history a training set needs at least. The train-dataset job computes the same from the as-of days that it has. */
import type { PipelineConfig } from "./pipeline";

/** The keys that decide it. */
export interface HistoryKeys {
  label: Pick<PipelineConfig["label"], "horizon_days">;
  events: Pick<PipelineConfig["events"], "allowed_lateness_days">;
  training: Pick<PipelineConfig["training"], "cutoff_every_days">;
}

/** The keys that decide from when data is long enough. */
export type DataKeys = HistoryKeys & {
  training: Pick<PipelineConfig["training"], "incomplete_windows">;
  features: Pick<PipelineConfig["features"], "window_days">;
};

/**
 * The days from the first as-of day of the smallest training set to the run's as-of day. There is one as-of day each for train,
 * validation and test; the validation's label is known at the test's as-of day, and the test's label when the run starts.
 */
export function leastHistoryDays({ label, events, training }: HistoryKeys): number {
  const every = training.cutoff_every_days;
  const wholeSteps = (days: number) => Math.ceil(days / every) * every;
  return every + wholeSteps(label.horizon_days) + wholeSteps(label.horizon_days + events.allowed_lateness_days);
}

/** The days from the first event to the first as-of day on which a model can be trained. */
export function leastDataDays(keys: DataKeys): number {
  const window = keys.training.incomplete_windows === "drop" ? keys.features.window_days : 0;
  return window + leastHistoryDays(keys);
}
