/** The top of the page: the outcome, and the figures that matter most. */

import type { Summary } from "../../../contracts/summary";
import { duration } from "../../shared/output";
import { clockTime, gigabytes, longDay, metric, percent, whole } from "../format";
import { html, type Markup } from "../html";

function tile(figure: string, what: string, more: string, tone = ""): Markup {
  return html`<div class="tile ${tone}"><b>${figure}</b><span>${what}</span><small>${more}</small></div>`;
}

function modelTile({ models }: Summary): Markup {
  const [first] = models;
  const last = models.filter(({ version }) => version !== null).at(-1);
  if (first === undefined) return tile("none", "model", "no training run finished");
  if (last === undefined) {
    return tile(metric(first.evaluation?.metrics.auc), "AUC, refused", "below the pipeline's gate", "bad");
  }
  const auc = metric(last.evaluation?.metrics.auc);
  const against =
    last.champion === null
      ? `F1 ${metric(last.evaluation?.metrics.f1)}`
      : `v${last.champion.version ?? "?"} on the same rows: ${metric(last.champion.metrics.auc)}`;
  return tile(auc, `AUC of v${last.version}`, against);
}

export function overview(summary: Summary): Markup {
  const { pipeline, events, requests, data, infrastructure } = summary;
  const quarantined = Object.values(events.quarantined).reduce((sum, one) => sum + one, 0);
  const wrong = events.lost + events.doubled;
  return html`<header>
  <p class="brand"><span class="sun" aria-hidden="true"></span>Daybreak <span>${pipeline.name}</span></p>
  <h1>${summary.headline}</h1>
  <p class="lead">${pipeline.description} Data: ${data.file}, ${longDay(data.first_day)} to ${longDay(data.last_day)}.</p>
  <div class="tiles">
    ${tile(whole(events.sent), "events sent", `${whole(events.lost)} lost, ${whole(events.doubled)} doubled`, wrong === 0 ? "good" : "bad")}
    ${tile(whole(quarantined), "quarantined", `${percent(quarantined / Math.max(1, events.sent), 2)} of the events, each with its reason`)}
    ${modelTile(summary)}
    ${tile(whole(requests.served + requests.failed), "predictions", `${whole(requests.failed)} failed, p50 ${requests.p50_milliseconds.toFixed(0)} ms`, requests.failed === 0 ? "good" : "bad")}
    ${tile(clockTime(summary.seconds), "total time", `${whole(infrastructure.resources)} resources deployed in ${duration(infrastructure.seconds)}`)}
    ${tile(gigabytes(summary.peak_memory_bytes), "peak memory", "all processes together")}
  </div>
</header>`;
}
