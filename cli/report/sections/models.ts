/** Every trained model: metrics, curves, feature importance, gate and lineage. */
import type { ModelSummary, Summary } from "../../../contracts/summary";
import { type LineChart, lineChart, type Point } from "../charts/lines";
import { counted, longDay, modelName, percent, sentence, words } from "../format";
import { html, type Markup } from "../html";
import { figure, legend, section } from "../parts/section";
import { comparisons } from "./comparisons";
import { featuresTable, influence } from "./features";
import { metricsTable } from "./metrics";
import { modelCard } from "./model-card";
import { segments } from "./segments";
import { differentRows } from "./training-rows";

/** The number of newest models that are compared and have a colour each. */
const drawnModels = 3;

/** A model with the class of its colour. */
export interface Shown {
  model: ModelSummary;
  kind: string;
}

type Evaluated = Shown & { evaluation: NonNullable<ModelSummary["evaluation"]> };

const unit = [0, 1] as const;
const square = { x: unit, y: unit, square: true };

function curves(shown: readonly Evaluated[]): Markup {
  const lines = (points: (evaluation: Evaluated["evaluation"]) => readonly Point[], dots = false) =>
    shown.map(({ model, kind, evaluation }) => ({ name: modelName(model), kind, points: points(evaluation), dots }));
  const diagonal: Point[] = [
    [0, 0],
    [1, 1],
  ];
  const guide = { name: "guide", kind: "guide", points: diagonal };
  const chart = (rest: Pick<LineChart, "label" | "xLabel" | "yLabel" | "lines"> & Partial<LineChart>) =>
    lineChart({ ...square, ...rest });
  const names = shown.map(({ model }) => modelName(model)).join(" and ");
  return html`<div class="charts">
  ${figure(
    "ROC",
    chart({
      ...{ label: `ROC curve of ${names}`, xLabel: "false positive rate", yLabel: "true positive rate" },
      lines: [guide, ...lines(({ roc }) => roc)],
    }),
    "Nearer to the top left is better; the dashed line is chance.",
  )}
  ${figure(
    "Precision and recall",
    chart({
      ...{ label: `Precision and recall of ${names}`, xLabel: "recall", yLabel: "precision" },
      lines: lines(({ precision_recall }) => precision_recall),
    }),
    "Nearer to the top right is better.",
  )}
  ${figure(
    "Calibration",
    chart({
      ...{ label: `Calibration of ${names}`, xLabel: "mean score", yLabel: "observed rate" },
      lines: [
        guide,
        ...lines(
          ({ calibration }) =>
            calibration.flatMap(({ mean_score, observed_rate, count }) =>
              count === 0 ? [] : [[mean_score, observed_rate] as const],
            ),
          true,
        ),
      ],
      describe: ({ name }, [mean, observed]) => `${name}: mean score ${percent(mean)}, observed ${percent(observed)}`,
    }),
    "A dot is a tenth of the test rows; on the dashed line a score is the true rate.",
  )}
</div>`;
}

export function modelsSection(summary: Summary): Markup {
  const { models, pipeline } = summary;
  if (models.length === 0) {
    return section("models", "The models", html`<p class="quiet">No training run finished, so there is no model.</p>`);
  }
  const oldest = Math.max(0, models.length - drawnModels);
  const shown = models.map((model, position): Shown => {
    return { model, kind: position < oldest ? "rest" : `m${position - oldest + 1}` };
  });
  const drawn = shown.slice(oldest);
  const evaluated = drawn.flatMap((one) =>
    one.model.evaluation === null ? [] : [{ ...one, evaluation: one.model.evaluation }],
  );
  const label =
    pipeline.label_description === ""
      ? `The label is ${words(pipeline.label)} within ${pipeline.horizon_days} days.`
      : `The label is ${words(pipeline.label)}: ${sentence(pipeline.label_description)}`;
  const comparison =
    drawn.at(-1)?.model.champion == null
      ? ""
      : "; the newest was compared with the version that served, on the same rows, and the better figure is bold";
  const [older, newer] = [shown.slice(0, oldest), drawn].map((some) => some.map((one) => modelCard(one, summary)));
  return section(
    "models",
    "The models",
    html`<p>${label} Each model was evaluated on later days than it was trained on${comparison}.${oldest > 0 && ` The ${drawnModels} newest of ${models.length} models are compared here; all are listed below.`}</p>`,
    evaluated.length > 0 &&
      html`${metricsTable(drawn)}
  ${legend(
    drawn.map(({ model, kind }) => ({
      kind,
      text: html`${modelName(model)} <span class="quiet">as of ${longDay(model.as_of)}</span>`,
    })),
  )}
  ${curves(evaluated)}`,
    comparisons(models),
    differentRows(models, summary.runs),
    segments(models),
    influence(drawn, summary),
    featuresTable(summary),
    html`<h3>Gate, approval and lineage</h3>
  <div class="cards">${newer}</div>`,
    oldest > 0 &&
      html`<details><summary>${counted(oldest, "older model")}</summary><div class="cards">${older}</div></details>`,
  );
}
