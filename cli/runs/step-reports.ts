/** Reads the reports of a run's steps. */
import { type Evaluation, evaluation } from "../../contracts/evaluation";
import { type Explanation, explanation } from "../../contracts/explanation";
import {
  featuresReport,
  qualityReport,
  scoreReport,
  type TrainDatasetReport,
  trainDatasetReport,
  transformReport,
} from "../../contracts/step-reports";
import type { ModelSummary } from "../../contracts/summary";
import { readJson } from "../shared/lake";

/** The summary keeps at most this many sample points per feature. */
const pointsPerFeature = 250;
const featuresShown = 10;

/** The reports in a run's folder; undefined for a step that did not run or failed before writing one. */
export async function readStepReports(folder: string) {
  const [transform, quality, features, score, trainDataset] = await Promise.all([
    readJson(`${folder}/transform.json`, transformReport),
    readJson(`${folder}/quality.json`, qualityReport),
    readJson(`${folder}/features.json`, featuresReport),
    readJson(`${folder}/score.json`, scoreReport),
    readJson(`${folder}/train-dataset.json`, trainDatasetReport),
  ]);
  return { transform, quality, features, score, trainDataset };
}
export type StepReports = Awaited<ReturnType<typeof readStepReports>>;

/** How many labelled as-of days a training set leaves out, because their window begins before the first event. */
export const leftOut = ({ incomplete_windows: { action, cutoffs } }: TrainDatasetReport): number =>
  action === "drop" ? cutoffs.length : 0;

type Evidence = Pick<
  ModelSummary,
  "evaluation" | "champion" | "segments" | "comparisons" | "test_rows" | "base_rate" | "importance" | "shap"
>;

/** The evaluation of a run's model. */
export async function readEvidence(folder: string): Promise<Evidence> {
  const [evaluated, explained] = await Promise.all([
    readJson(`${folder}/evaluation/evaluation.json`, evaluation),
    readJson(`${folder}/evaluation/shap.json`, explanation),
  ]);
  return {
    ...(evaluated === undefined ? notEvaluated : evaluationEvidence(evaluated)),
    ...explanationEvidence(explained),
  };
}

const notEvaluated = {
  ...{ evaluation: null, champion: null, test_rows: null, base_rate: null },
  ...{ segments: [], comparisons: [] },
};

function evaluationEvidence({ challenger, champion, segments, comparisons, test_rows, base_rate }: Evaluation) {
  const { metrics, intervals, threshold, threshold_by, profit, confusion, calibration } = challenger;
  const { roc, precision_recall } = challenger;
  return {
    evaluation: {
      ...{ metrics, intervals, threshold, threshold_by, profit, confusion, calibration },
      ...{ roc, precision_recall },
    },
    champion:
      champion === null
        ? null
        : {
            version: Number(champion.version) || null,
            ...{ seen_rows: champion.seen_rows, metrics: champion.metrics, profit: champion.profit },
          },
    segments,
    comparisons,
    test_rows,
    base_rate,
  };
}

function explanationEvidence(explained: Explanation | undefined) {
  const { features = [], sample = [] } = explained ?? {};
  return { importance: features, shap: thinned(sample, features.slice(0, featuresShown)) };
}

/** Every n-th point of each of the top features, which shows the shape and keeps the report small. */
function thinned(sample: ModelSummary["shap"], top: readonly { name: string }[]): ModelSummary["shap"] {
  return top.flatMap(({ name }) => {
    const points = sample.filter(({ feature }) => feature === name);
    const every = Math.max(1, Math.ceil(points.length / pointsPerFeature));
    return points.filter((_, position) => position % every === 0);
  });
}
