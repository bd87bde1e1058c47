/** Whether a model's gain is more than noise: the newest evaluated model beside others, on rows that neither has learnt from. */
import type { Comparison } from "../../../contracts/evaluation";
import type { ModelSummary } from "../../../contracts/summary";
import { metric, modelName, whole } from "../format";
import { html, type Markup } from "../html";
import { scrollable } from "../parts/section";

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
const titles: Readonly<Record<Comparison["metric"], string>> = { auc: "AUC", f1: "F1" };

/** What a difference and its 95 % interval say. */
export function meaningOf({ interval: [low, high] }: Comparison): string {
  if (low > 0) return "better, by more than chance";
  if (high < 0) return "worse, by more than chance";
  return "no difference that can be told from chance";
}

/** The plain answer about the version that served when the model was made. */
function answer(model: ModelSummary, { name, metric: of, difference, interval, rows }: Comparison): Markup {
  const [low, high] = interval;
  const own = modelName(model);
  const finding =
    low > 0
      ? `The gain of ${own} is more than noise`
      : high < 0
        ? `${own} is worse, by more than noise`
        : `The difference of ${own} may be noise`;
  return html`<p><b>${finding}:</b> its ${titles[of]} is ${signed(difference)} against ${name}, on the same ${whole(rows)} rows; the 95 % interval is ${signed(low)} to ${signed(high)}.</p>`;
}

/** The comparisons of the newest model that has some; nothing if none has. */
export function comparisons(models: readonly ModelSummary[]): Markup | false {
  const model = models.findLast((one) => one.comparisons.length > 0);
  if (model === undefined) return false;
  const champion = model.comparisons.find(({ kind }) => kind === "champion");
  const seen = model.champion?.seen_rows ?? 0;
  const table = html`<table>
  <caption>${modelName(model)} beside other models</caption>
  <thead><tr><th scope="col">compared with</th><th scope="col">metric</th><th scope="col" class="number">rows</th><th scope="col" class="number">${modelName(model)}</th><th scope="col" class="number">other</th><th scope="col" class="number">difference, 95 % interval</th><th scope="col">so it is</th></tr></thead>
  <tbody>${model.comparisons.map(
    (one) =>
      html`<tr><th scope="row">${one.name}</th><td>${titles[one.metric]}</td><td class="number">${whole(one.rows)}</td><td class="number">${metric(one.challenger)}</td><td class="number">${metric(one.rival)}</td><td class="number">${signed(one.difference)} (${signed(one.interval[0])} to ${signed(one.interval[1])})</td><td>${meaningOf(one)}</td></tr>`,
  )}</tbody></table>`;
  return html`<h3>Is the gain more than noise?</h3>
  ${champion !== undefined && answer(model, champion)}
  ${seen > 0 && html`<p class="quiet">${model.champion?.version ? `v${model.champion.version}` : "The serving version"} has learnt from ${whole(seen)} of the test rows; they are left out here, and flatter its figures above.</p>`}
  ${scrollable("Comparisons with other models", table)}
  <p class="quiet">Intervals come from 1,000 samples of whole entities, each evaluated by both models.</p>`;
}
