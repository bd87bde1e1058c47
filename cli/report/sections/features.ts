/** Feature importance: each feature with its meaning, its importance in each model, and its effect on single predictions. */
import type { ModelSummary, Summary } from "../../../contracts/summary";
import { bars } from "../charts/bars";
import { reachOf, type SwarmPoint, swarmAxis, swarmStrip } from "../charts/swarm";
import { counted, entryOf, modelName, name, sentence, words } from "../format";
import { html, type Markup } from "../html";
import { table } from "../parts/table";
import type { Shown } from "./models";

const featuresShown = 10;

const weightOf = (model: ModelSummary, feature: string) =>
  model.importance.find((one) => one.name === feature)?.mean_abs_shap ?? 0;

/** The mean absolute SHAP value of the features that matter most to any of the models, and the newest one's SHAP values. */
export function influence(shown: readonly Shown[], { pipeline }: Summary): Markup | undefined {
  const explained = shown.filter(({ model }) => model.importance.length > 0);
  const newest = explained.at(-1)?.model;
  if (newest === undefined) return undefined;
  const highest = (feature: string) => Math.max(...explained.map(({ model }) => weightOf(model, feature)));
  const all = [...new Set(explained.flatMap(({ model }) => model.importance.map((one) => one.name)))];
  const top = all.sort((one, other) => highest(other) - highest(one)).slice(0, featuresShown);
  const largest = Math.max(...top.map(highest), 1e-9);
  const points = new Map(top.map((feature) => [feature, newest.shap.filter((one) => one.feature === feature)]));
  const reach = reachOf([...points.values()].flat());
  const strip = (of: readonly SwarmPoint[]) =>
    of.length === 0
      ? html`<span class="quiet">not sampled: of little importance in ${modelName(newest)}</span>`
      : swarmStrip(of, reach);
  const label = words(pipeline.label);
  return html`<h3>Feature importance</h3>
  <p>A SHAP value is a feature’s contribution to one prediction, in log-odds of “${label}”. The bars show its mean absolute size. Each dot is one prediction of ${modelName(newest)}: to the right, the feature made “${label}” more likely, to the left less; its colour is the feature’s own value, from <span class="ramp">low <i></i> high</span>.</p>
  <div class="frame"><table class="influence">
  <caption>SHAP values by feature</caption>
  <thead><tr><th scope="col">Feature</th><th scope="col">Mean absolute SHAP value</th><th scope="col">SHAP values of ${modelName(newest)}${swarmAxis(reach)}</th></tr></thead>
  <tbody>${top.map(
    (feature) => html`<tr><th scope="row">${name(feature)}<small>${entryOf(pipeline.features, feature)}</small></th>
    <td>${bars(
      explained.map(({ model, kind }) => {
        const value = weightOf(model, feature);
        return { kind, value, text: value.toFixed(3) };
      }),
      largest,
    )}</td>
    <td>${strip(points.get(feature) ?? [])}</td></tr>`,
  )}</tbody></table></div>`;
}

/** Every feature with its type and its description in pipeline.yaml. */
export function featuresTable({ pipeline }: Summary): Markup | undefined {
  const features = Object.entries(pipeline.features);
  if (features.length === 0) return undefined;
  return html`<details><summary>${counted(features.length, "feature")} over a window of ${counted(pipeline.window_days, "day")}: what each one means</summary>
  ${table({
    caption: "Features with their descriptions",
    columns: [
      { head: "Feature", cell: ([feature]) => name(feature) },
      { head: "Type", quiet: true, lead: true, cell: ([feature]) => entryOf(pipeline.feature_types, feature) },
      {
        head: "Description",
        cell: ([, description]) => (description === "" ? "no description in pipeline.yaml" : sentence(description)),
      },
    ],
    rows: features,
  })}</details>`;
}
