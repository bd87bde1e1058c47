/** Every model that was trained: its metrics, its curves, its most important features, its lineage. */

import type { Metrics } from "../../../contracts/evaluation";
import type { ModelSummary, Summary } from "../../../contracts/summary";
import { barChart } from "../charts/bars";
import { beeswarm } from "../charts/beeswarm";
import { lineChart, type Point } from "../charts/lines";
import { longDay, metric, percent, whole, words } from "../format";
import { html, type Markup } from "../html";

const metricNames: readonly (keyof Metrics)[] = ["auc", "f1", "precision", "recall", "accuracy", "log_loss", "brier"];
const featuresShown = 10;

const nameOf = ({ version }: ModelSummary) => (version === null ? "refused model" : `v${version}`);

/** The first two models have a colour each; any others share a third. */
const kindOf = (position: number) => `model m${Math.min(position + 1, 3)}`;

type Evaluated = ModelSummary & { evaluation: NonNullable<ModelSummary["evaluation"]> };
const isEvaluated = (model: ModelSummary): model is Evaluated => model.evaluation !== null;

function legend(models: readonly ModelSummary[]): Markup {
  return html`<ul class="legend">${models.map((model, position) => html`<li><i class="key ${kindOf(position)}"></i>${nameOf(model)} <span>as of ${longDay(model.as_of)}</span></li>`)}</ul>`;
}

const unit = [0, 1] as const;

function curves(models: readonly Evaluated[]): Markup {
  const lines = (points: (model: Evaluated) => readonly Point[], dots = false) =>
    models.map((model, position) => ({ name: nameOf(model), kind: kindOf(position), points: points(model), dots }));
  const guide = (points: Point[]) => ({ name: "guide", kind: "guide", points });
  const diagonal: Point[] = [
    [0, 0],
    [1, 1],
  ];
  const calibration = (model: Evaluated): Point[] =>
    model.evaluation.calibration.flatMap(({ mean_score, observed_rate, count }) =>
      mean_score === null || observed_rate === null || count === 0 ? [] : [[mean_score, observed_rate]],
    );
  return html`<div class="charts">
  <figure><figcaption>ROC</figcaption>${lineChart({
    ...{ title: "ROC curve", xLabel: "false positive rate", yLabel: "true positive rate", x: unit, y: unit },
    lines: [guide(diagonal), ...lines(({ evaluation }) => evaluation.roc)],
  })}</figure>
  <figure><figcaption>Precision and recall</figcaption>${lineChart({
    ...{ title: "Precision and recall", xLabel: "recall", yLabel: "precision", x: unit, y: unit },
    lines: lines(({ evaluation }) => evaluation.precision_recall),
  })}</figure>
  <figure><figcaption>Calibration</figcaption>${lineChart({
    ...{ title: "Calibration", xLabel: "predicted", yLabel: "observed", x: unit, y: unit },
    lines: [guide(diagonal), ...lines(calibration, true)],
    describe: ({ name }, [mean, observed]) => `${name}: predicted ${percent(mean)}, observed ${percent(observed)}`,
  })}</figure>
</div>`;
}

function metricsTable(models: readonly ModelSummary[]): Markup {
  const shown = metricNames.filter((name) => models.some(({ evaluation }) => evaluation?.metrics[name] != null));
  const champions = models.filter(({ champion }) => champion !== null);
  return html`<div class="scroll"><table>
  <thead><tr><th></th>${models.map((model, position) => html`<th class="number"><i class="key ${kindOf(position)}"></i>${nameOf(model)}</th>`)}${champions.map((model) => html`<th class="number quiet">v${model.champion?.version ?? "?"} on ${nameOf(model)}’s rows</th>`)}</tr></thead>
  <tbody>
  ${shown.map(
    (name) =>
      html`<tr><td>${name === "auc" ? "AUC" : name === "f1" ? "F1" : words(name)}</td>${models.map(({ evaluation }) => html`<td class="number">${metric(evaluation?.metrics[name])}</td>`)}${champions.map(({ champion }) => html`<td class="number quiet">${metric(champion?.metrics[name])}</td>`)}</tr>`,
  )}
  <tr><td>test rows</td>${models.map(({ test_rows }) => html`<td class="number">${test_rows === null ? "–" : whole(test_rows)}</td>`)}${champions.map(() => html`<td></td>`)}</tr>
  <tr><td>base rate</td>${models.map(({ base_rate }) => html`<td class="number">${metric(base_rate)}</td>`)}${champions.map(() => html`<td></td>`)}</tr>
  <tr><td>trained on</td>${models.map(({ rows }) => html`<td class="number">${whole(rows.train ?? 0)} rows</td>`)}${champions.map(() => html`<td></td>`)}</tr>
  </tbody></table></div>`;
}

function importance(models: readonly ModelSummary[]): Markup {
  const names = [...new Set(models.flatMap((model) => model.importance.map(({ name }) => name)))];
  const of = (model: ModelSummary, name: string) =>
    model.importance.find((one) => one.name === name)?.mean_abs_shap ?? 0;
  const sorted = names.sort(
    (one, other) =>
      Math.max(...models.map((model) => of(model, other))) - Math.max(...models.map((model) => of(model, one))),
  );
  return barChart(
    "Mean absolute SHAP value of each feature",
    sorted.slice(0, featuresShown).map((name) => ({
      name: words(name),
      values: models.map((model, position) => {
        const value = of(model, name);
        return { kind: kindOf(position), value, text: value.toFixed(3) };
      }),
    })),
  );
}

function swarm(model: ModelSummary, label: string): Markup {
  const names = model.importance.slice(0, featuresShown).map(({ name }) => name);
  return beeswarm(
    `SHAP values of ${nameOf(model)}`,
    names.map((name) => ({ name: words(name), points: model.shap.filter(({ feature }) => feature === name) })),
    `effect on the score of “${words(label)}” (log-odds)`,
  );
}

function card(model: ModelSummary, position: number, summary: Summary): Markup {
  const confusion = model.evaluation?.confusion;
  const facts: [string, string | number][] = [
    ["as of", longDay(model.as_of)],
    ["started by", model.trigger.type === "drift" ? "drift alarm" : `${model.trigger.type} (${model.trigger.actor})`],
    ["run", model.run_id],
    ...(model.approval === null
      ? []
      : ([["approved by", `${model.approval.by}, ${model.approval.at.slice(0, 19).replace("T", " ")} UTC`]] satisfies [
          string,
          string,
        ][])),
  ];
  return html`<article class="card">
  <h3><i class="key ${kindOf(position)}"></i>${nameOf(model)} <span class="badge ${model.stage.toLowerCase()}">${model.stage}</span></h3>
  <dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
  <h4>The gate</h4>
  <ul class="verdict">${model.verdict.map(({ rule, actual, expected, passed }) => html`<li class="${passed ? "passed" : "broken"}"><span>${words(rule)}</span> <b>${typeof actual === "number" ? shortNumber(actual) : (actual ?? "–")}</b> <small>${expected}</small></li>`)}</ul>
  ${
    confusion === undefined
      ? undefined
      : html`<h4>Confusion matrix at the threshold ${model.evaluation?.threshold}</h4>
  <table class="confusion"><thead><tr><th></th><th class="number">predicted ${words(summary.pipeline.label)}</th><th class="number">predicted not</th></tr></thead>
  <tbody><tr><td>actual ${words(summary.pipeline.label)}</td><td class="number right">${whole(confusion.tp)}</td><td class="number wrong">${whole(confusion.fn)}</td></tr>
  <tr><td>actual not</td><td class="number wrong">${whole(confusion.fp)}</td><td class="number right">${whole(confusion.tn)}</td></tr></tbody></table>`
  }
  ${
    Object.keys(model.lineage).length === 0
      ? undefined
      : html`<details><summary>Lineage, from the model registry</summary><dl class="lineage">${Object.entries(
          model.lineage,
        )
          .sort(([one], [other]) => one.localeCompare(other))
          .map(([name, value]) => html`<dt>${words(name)}</dt><dd>${value}</dd>`)}</dl></details>`
  }
</article>`;
}

const shortNumber = (value: number) => (Number.isInteger(value) ? whole(value) : value.toFixed(4));

export function modelsSection(summary: Summary): Markup {
  const { models, pipeline } = summary;
  if (models.length === 0) {
    return html`<section id="models"><h2>The models</h2><p class="quiet">No training run finished, so there is no model.</p></section>`;
  }
  const evaluated = models.filter(isEvaluated);
  const explained = models.filter((model) => model.importance.length > 0);
  const last = explained.at(-1);
  return html`<section id="models">
  <h2>The models</h2>
  <p>Label: ${pipeline.label_description || `${words(pipeline.label)} within ${pipeline.horizon_days} days.`} Each model was evaluated on later days than it was trained on${models.some(({ champion }) => champion !== null) ? "; the challenger and the serving version were compared on the same rows" : ""}.</p>
  ${evaluated.length > 0 ? html`${metricsTable(models)}${legend(models)}${curves(evaluated)}` : undefined}
  ${
    last === undefined
      ? undefined
      : html`<h3>Feature importance</h3>
  <div class="charts two">
    <figure><figcaption>Mean absolute SHAP value</figcaption>${importance(explained)}</figure>
    <figure><figcaption>SHAP values of ${nameOf(last)}: one dot for each prediction <span class="ramp">low <i></i> high feature value</span></figcaption>${swarm(last, pipeline.label)}</figure>
  </div>`
  }
  <div class="cards">${models.map((model, position) => card(model, position, summary))}</div>
</section>`;
}
