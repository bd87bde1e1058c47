/** The top of the page: the outcome, the figures that matter most, and what a reviewer should know first. */
import type { Summary } from "../../../contracts/summary";
import { duration } from "../../shared/output";
import { clockTime, counted, gigabytes, longDay, metric, modelName, percent, sentence, whole } from "../format";
import { html, type Markup } from "../html";
import { badge, type Tone } from "../parts/section";

function tile(figure: string, what: string, more: string, tone = ""): Markup {
  return html`<div class="tile ${tone}"><b>${figure}</b><span>${what}</span><small>${more}</small></div>`;
}

function modelTile({ models }: Summary): Markup {
  const [first] = models;
  const last = models.filter(({ version }) => version !== null).at(-1);
  if (first === undefined) return tile("none", "model", "no training run finished");
  if (last === undefined) {
    return tile(metric(first.evaluation?.metrics.auc), "AUC, refused", "below the pipeline’s gate", "bad");
  }
  const against =
    last.champion === null
      ? `F1 ${metric(last.evaluation?.metrics.f1)}`
      : `v${last.champion.version ?? "?"} on the same rows: ${metric(last.champion.metrics.auc)}`;
  return tile(metric(last.evaluation?.metrics.auc), `AUC of ${modelName(last)}`, against);
}

/** Shown whatever the gate's verdict is: a model that is given the label looks good in the evaluation and is useless. */
function warnings({ models }: Summary): Markup | undefined {
  const warned = models.flatMap((model) => model.warnings.map((text) => ({ model: modelName(model), text })));
  if (warned.length === 0) return undefined;
  return html`<div class="warnings" role="note" aria-labelledby="warnings-title">
    <h2 id="warnings-title">The features may contain the label</h2>
    <ul>${warned.map(({ model, text }) => html`<li><b>${model}</b>: <bdi>${sentence(text)}</bdi></li>`)}</ul>
  </div>`;
}

const outcomes: Readonly<Record<Summary["outcome"], readonly [string, Tone]>> = {
  "second version serves": ["a new version serves", "good"],
  "one version serves": ["one version serves", "good"],
  refused: ["refused by the gate", "warn"],
  "not enough history": ["not enough history", "warn"],
  failed: ["stopped by a failure", "bad"],
};

export function overview(summary: Summary): Markup {
  const { pipeline, events, requests, data, infrastructure } = summary;
  const quarantined = Object.values(events.quarantined).reduce((sum, one) => sum + one, 0);
  const wrong = events.lost + events.doubled;
  const asked = requests.served + requests.failed;
  return html`<header>
  <p class="brand"><span class="sun" aria-hidden="true"></span>Daybreak <bdi class="quiet">${pipeline.name}</bdi>${badge(...outcomes[summary.outcome])}</p>
  <h1>${sentence(summary.headline)}</h1>
  <p class="lead">${sentence(pipeline.description)} Data: ${data.file}, ${longDay(data.first_day)} to ${longDay(data.last_day)}.</p>
  ${warnings(summary)}
  <div class="tiles">
    ${modelTile(summary)}
    ${tile(whole(events.sent), "events sent", `${whole(events.lost)} lost, ${whole(events.doubled)} doubled`, wrong === 0 ? "good" : "bad")}
    ${tile(whole(quarantined), "quarantined", quarantined === 0 ? "no event broke a rule" : `${percent(quarantined / Math.max(1, events.sent), 2)} of the events, each with its reason`)}
    ${tile(whole(asked), "predictions", asked === 0 ? "nothing was served" : `${whole(requests.failed)} failed, p50 ${whole(requests.p50_milliseconds)} ms`, asked === 0 ? "" : requests.failed === 0 ? "good" : "bad")}
    ${tile(clockTime(summary.seconds), "minutes in all", `${counted(infrastructure.resources, "resource")} deployed in ${duration(infrastructure.seconds)}`)}
    ${tile(gigabytes(summary.peak_memory_bytes), "peak memory", "all processes together")}
  </div>
</header>`;
}
