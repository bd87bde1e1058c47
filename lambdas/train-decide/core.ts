/** Decides whether a run's training set is worth a training job: it must exist, and differ from the last one's. */
import type { RunPlan } from "../../contracts/run-plan";
import type { TrainDatasetReport } from "../../contracts/step-reports";
import type { LastAlert, LastTraining, TrainingDecision } from "../../contracts/training-decision";
import { isNews } from "../shared/told";

/**
 * The decision about a run. Its model would be the last one again if the training set, the pipeline and the code are the same. If
 * the gate refused that one, the serving version must be the same too: another one could be passed.
 *
 * @param told the newest alert about too little history
 */
export function decideTraining(
  run: RunPlan,
  dataset: TrainDatasetReport,
  last: LastTraining | undefined,
  told?: LastAlert | undefined,
): TrainingDecision {
  if (dataset.outcome === "not_enough_history") {
    // If a model was evaluated since, there was enough, and that there no longer is has not been told.
    const alert = isNews(run, told) || (last !== undefined && told !== undefined && last.as_of >= told.as_of);
    return { outcome: "not_enough_history", reason: dataset.reason, enoughFrom: dataset.enough_from, alert };
  }
  const isSame =
    last !== undefined &&
    last.digest === dataset.digest &&
    last.spec_uri === run.spec_uri &&
    last.source_uri === run.source_uri &&
    (last.version !== null || last.champion_version === (run.champion?.version ?? null));
  // A retry after the model was registered is the same run, not a repetition of it.
  if (!isSame || last.run_id === run.run_id) return { outcome: "train" };
  const became = last.version === null ? "which the gate refused" : `which became v${last.version}`;
  return {
    outcome: "unchanged",
    reason: `The training set, pipeline.yaml with its SQL, and the code are those of the run ${last.run_id} as of ${last.as_of}, ${became}. Training would give the same model.`,
  };
}
