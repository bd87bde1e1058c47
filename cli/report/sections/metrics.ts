/** The metrics of several models side by side; the newest beside the version that it was compared with. */
import type { Metrics } from "../../../contracts/evaluation";
import type { ModelSummary } from "../../../contracts/summary";
import { metric, modelName, whole } from "../format";
import { html, type Markup, type Value } from "../html";
import { type Interval, range } from "../parts/range";
import { key, scrollable } from "../parts/section";
import type { Shown } from "./models";

interface MetricRow {
  name: keyof Metrics;
  title: string;
  meaning: string;
  better: "higher" | "lower";
}

const metricRows: readonly MetricRow[] = [
  { name: "auc", title: "AUC", meaning: "chance that a positive row scores above a negative one", better: "higher" },
  { name: "f1", title: "F1", meaning: "harmonic mean of precision and recall", better: "higher" },
  {
    name: "precision",
    title: "Precision",
    meaning: "share of the predicted positives that are right",
    better: "higher",
  },
  { name: "recall", title: "Recall", meaning: "share of the positives that are found", better: "higher" },
  { name: "accuracy", title: "Accuracy", meaning: "share of the rows that are right", better: "higher" },
  { name: "log_loss", title: "Log loss", meaning: "penalty for confident mistakes", better: "lower" },
  { name: "brier", title: "Brier score", meaning: "mean squared error of the scores", better: "lower" },
  {
    ...{ name: "calibration_error", title: "Calibration error", better: "lower" },
    meaning: "distance of the scores from the observed rates",
  },
];

function head(title: string, meaning: string, better: MetricRow["better"] = "higher"): Markup {
  const hint = better === "lower" && html`<span class="explained">; </span>lower is better`;
  return html`<th scope="row">${title} <small><span class="explained">${meaning}</span>${hint}</small></th>`;
}

type Figure = number | null | undefined;

/** A figure and the one that it is compared with; the better one is bold. */
function compared(own: Figure, ends: Interval, other: Figure, better: MetricRow["better"]): Markup {
  const difference = own == null || other == null ? 0 : better === "higher" ? own - other : other - own;
  const text = (figure: Figure, isBetter: boolean) => (isBetter ? html`<b>${metric(figure)}</b>` : metric(figure));
  return html`<td class="number">${text(own, difference > 0)}${range(ends)}</td><td class="number quiet">${text(other, difference < 0)}</td>`;
}

/** Profit has a unit of its own: two digits. */
const money = (value: number): string => value.toFixed(2).replace("-", "−");

/** A model's profit and, for the newest, that of the version it is compared with. */
function profitCells(
  { evaluation }: ModelSummary,
  champion: NonNullable<ModelSummary["champion"]> | undefined,
): Markup {
  const own = evaluation?.profit;
  const other = champion?.profit;
  return html`<td class="number">${own == null ? "–" : money(own.per_row)}${range(own?.interval, money)}</td>${champion && html`<td class="number quiet">${other == null ? "–" : money(other.per_row)}</td>`}`;
}

export function metricsTable(shown: readonly Shown[]): Markup {
  const rows = metricRows.filter(({ name }) => shown.some(({ model }) => model.evaluation?.metrics[name] != null));
  const newest = shown.at(-1)?.model;
  const champion = newest?.champion ?? undefined;
  const cell = ({ model }: Shown, { name, better }: MetricRow) => {
    const own = model.evaluation?.metrics[name];
    const ends = model.evaluation?.intervals[name];
    return model === newest && champion !== undefined
      ? compared(own, ends, champion.metrics[name], better)
      : html`<td class="number">${metric(own)}${range(ends)}</td>`;
  };
  const fact = (title: string, meaning: string, of: (model: ModelSummary) => Value) =>
    html`<tr>${head(title, meaning)}${shown.map(({ model }) => html`<td class="number">${of(model)}</td>`)}${champion && html`<td></td>`}</tr>`;
  const content = html`<table class="metrics">
  <caption>Metrics of each model on its test rows, with their 95 % intervals</caption>
  <thead><tr><td></td>${shown.map(({ model, kind }) => html`<th scope="col" class="number">${key(kind)}${modelName(model)}</th>`)}${champion && html`<th scope="col" class="number">v${champion.version ?? "?"} on the same rows</th>`}</tr></thead>
  <tbody>
  ${rows.map((row) => html`<tr>${head(row.title, row.meaning, row.better)}${shown.map((one) => cell(one, row))}</tr>`)}
  ${
    shown.some(({ model }) => model.evaluation?.profit != null) &&
    html`<tr>${head("Profit", "per test row, by the pipeline’s costs")}${shown.map(({ model }) => profitCells(model, model === newest ? champion : undefined))}</tr>`
  }
  ${fact("Test rows", "later than the training rows", ({ test_rows }) => (test_rows === null ? "–" : whole(test_rows)))}
  ${fact("Base rate", "share of the test rows that are positive", ({ base_rate }) => metric(base_rate))}
  ${fact("Training rows", "", ({ rows: { train } }) => whole(train ?? 0))}
  </tbody></table>`;
  return scrollable("Metrics of each model", content);
}
