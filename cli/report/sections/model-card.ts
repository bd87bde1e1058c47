/** One model: what started its training, the gate's verdict, its errors, its lineage. */
import type { ModelSummary, Summary } from "../../../contracts/summary";
import { profitText, thresholdText } from "../../../lambdas/shared/evidence";
import { longDay, metric, modelName, moment, name, percent, sentence, triggerText, whole, words } from "../format";
import { html, type Markup, type Value } from "../html";
import { badge, facts, key, type Tone } from "../parts/section";
import type { Shown } from "./models";

const stages: Readonly<Record<ModelSummary["stage"], Tone>> = {
  Production: "good",
  Approved: "blue",
  Staging: "warn",
  Rejected: "bad",
  Refused: "bad",
};

const figureText = (value: number) => (Number.isInteger(value) ? whole(value) : value.toFixed(4));

function gate({ verdict }: ModelSummary): Markup {
  if (verdict.length === 0) return html`<p class="quiet">The gate has no rules.</p>`;
  return html`<ul class="verdict">${verdict.map(
    ({ rule, actual, expected, passed, reason }) =>
      html`<li class="${passed ? "passed" : "broken"}"><span class="unseen">${passed ? "passed:" : "failed:"}</span><span>${words(rule)}</span> <b>${typeof actual === "number" ? figureText(actual) : (actual ?? "–")}</b> <small>${expected}${reason !== undefined && html`. ${reason}`}</small></li>`,
  )}</ul>`;
}

function confusion(evaluation: NonNullable<ModelSummary["evaluation"]>, label: string): Markup {
  const { tp, fp, tn, fn } = evaluation.confusion;
  const total = Math.max(1, tp + fp + tn + fn);
  const cell = (rows: number, tone: string) =>
    html`<td class="${tone}">${whole(rows)} <small>${percent(rows / total, 0)}</small></td>`;
  return html`<table class="confusion"><caption>Test rows at the threshold ${metric(evaluation.threshold)}</caption>
  <thead><tr><td></td><th scope="col">predicted ${label}</th><th scope="col">predicted not</th></tr></thead>
  <tbody><tr><th scope="row">${label}</th>${cell(tp, "right")}${cell(fn, "wrong")}</tr>
  <tr><th scope="row">not ${label}</th>${cell(fp, "wrong")}${cell(tn, "right")}</tr></tbody></table>`;
}

/** What the model's predictions are right and wrong about, and what acting on them would have brought. */
function decisions(evaluation: NonNullable<ModelSummary["evaluation"]>, model: ModelSummary, label: string): Markup {
  const { threshold, threshold_by, profit } = evaluation;
  return html`<h5>Right and wrong at the threshold ${metric(threshold)}</h5>
  <p class="quiet">${thresholdText(threshold, threshold_by)}</p>
  ${confusion(evaluation, label)}
  ${profit !== null && html`<p>${profitText(profit, model.test_rows ?? 0)}</p>`}`;
}

export function modelCard({ model, kind }: Shown, { pipeline }: Summary): Markup {
  const entries: [string, Value][] = [
    ["as of", longDay(model.as_of)],
    ["started by", triggerText(model.trigger)],
    ["run", html`<bdi>${model.run_id}</bdi>`],
  ];
  if (model.approval !== null) entries.push(["approved by", `${model.approval.by}, ${moment(model.approval.at)}`]);
  const lineage = Object.entries(model.lineage).sort(([one], [other]) => one.localeCompare(other));
  return html`<article class="card">
  <h4>${key(kind)}${modelName(model)} ${badge(model.stage, stages[model.stage])}</h4>
  ${facts(entries)}
  <h5>Gate</h5>
  ${gate(model)}
  ${(model.warnings ?? []).map((text) => html`<p class="warning"><b>Warning:</b> <bdi>${sentence(text)}</bdi></p>`)}
  ${model.evaluation !== null && decisions(model.evaluation, model, words(pipeline.label))}
  ${
    lineage.length > 0 &&
    html`<details><summary>Lineage, from the model registry</summary>${facts(
      lineage.map(([entry, value]) => [name(entry), html`<bdi>${value}</bdi>`] as const),
      "lineage",
    )}</details>`
  }
</article>`;
}
