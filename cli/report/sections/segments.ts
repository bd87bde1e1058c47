/** How good a model is in the segments that the pipeline declares. */
import type { Segment } from "../../../contracts/evaluation";
import type { ModelSummary } from "../../../contracts/summary";
import { segmentsText } from "../../../lambdas/shared/evidence";
import { metric, modelName, name, percent, whole } from "../format";
import { html, type Markup } from "../html";
import { scrollable } from "../parts/section";

type Estimate = NonNullable<Segment["metrics"]>["auc"];

const cell = ({ value, interval }: Estimate): Markup =>
  html`<td class="number">${metric(value)}${interval !== null && html` <small class="range">${metric(interval[0])}–${metric(interval[1])}</small>`}</td>`;

function row({ column, segment, rows, base_rate, metrics }: Segment): Markup {
  const facts = html`<th scope="row">${name(column)} <bdi>${segment}</bdi></th><td class="number">${whole(rows)}</td><td class="number">${base_rate === null ? "–" : percent(base_rate)}</td>`;
  return metrics === null
    ? html`<tr>${facts}<td colspan="3" class="quiet">too few rows of a class for figures that mean something</td></tr>`
    : html`<tr>${facts}${cell(metrics.auc)}${cell(metrics.f1)}${cell(metrics.log_loss)}</tr>`;
}

/** The segments of the newest model that has some; nothing if the pipeline declares none. */
export function segments(models: readonly ModelSummary[]): Markup | false {
  const model = models.findLast((one) => one.segments.length > 0);
  if (model === undefined) return false;
  const table = html`<table class="metrics">
  <caption>${modelName(model)} by segment, with 95 % intervals</caption>
  <thead><tr><th scope="col">Segment</th><th scope="col" class="number">Test rows</th><th scope="col" class="number">Base rate</th><th scope="col" class="number">AUC</th><th scope="col" class="number">F1</th><th scope="col" class="number">Log loss</th></tr></thead>
  <tbody>${model.segments.map(row)}</tbody></table>`;
  return html`<h3>Segments</h3>
  <p>${segmentsText(model.segments, model.evaluation?.metrics.auc ?? null)}</p>
  ${scrollable("Metrics by segment", table)}`;
}
