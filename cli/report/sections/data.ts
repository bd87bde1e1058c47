/** Where every event went. */

import type { Summary } from "../../../contracts/summary";
import { type Part, partsBar } from "../charts/bars";
import { percent, whole, words } from "../format";
import { html, type Markup } from "../html";

/** `wrong_type:amount` as "wrong type: amount". */
const reasonWords = (reason: string) => words(reason).replace(":", ": ");

export function dataSection({ events, data, pipeline }: Summary): Markup {
  const reasons = Object.entries(events.quarantined)
    .filter(([, rows]) => rows > 0)
    .sort(([, one], [, other]) => other - one);
  const quarantined = reasons.reduce((sum, [, rows]) => sum + rows, 0);
  const parts: Part[] = [
    { name: "published", kind: "published", value: events.published },
    { name: "quarantined", kind: "quarantined", value: quarantined },
    { name: "duplicates removed", kind: "duplicates", value: events.duplicates },
    { name: "waiting for the next run", kind: "waiting", value: events.waiting },
    { name: "lost", kind: "lost", value: events.lost },
  ];
  const shown = parts.filter(({ value, kind }) => value > 0 || kind === "published" || kind === "lost");
  const sum = shown.map(({ name, value }) => `${whole(value)} ${name}`).join(" + ");
  return html`<section id="data">
  <h2>Where every event went</h2>
  <p>${whole(events.sent)} sent, ${whole(events.landed)} landed in the lake = ${sum}. Each figure is counted where the events are: at the stream, in the raw files, and in the tables.</p>
  ${partsBar("Events by where they went", parts)}
  <ul class="legend">${shown.map(({ name, kind, value }) => html`<li><i class="key ${kind}"></i>${name} <b>${whole(value)}</b> <span>${percent(value / Math.max(1, events.sent), 2)}</span></li>`)}</ul>
  ${
    reasons.length === 0
      ? html`<p class="quiet">No event was quarantined.</p>`
      : html`<h3>In quarantine, by reason</h3><div class="scroll"><table class="narrow"><tbody>${reasons.map(([reason, rows]) => html`<tr><td>${reasonWords(reason)}</td><td class="number">${whole(rows)}</td><td class="number quiet">${percent(rows / Math.max(1, quarantined))}</td></tr>`)}</tbody></table></div>`
  }
  <p class="quiet">${whole(data.events)} records of ${whole(data.entities)} entities (${pipeline.entity}) in the data${events.sent + events.rejected >= data.events ? ", all of which the demo sent to the stream" : "; the demo sends those before its last as-of day"}.${events.rejected > 0 ? ` ${whole(events.rejected)} were too large for the stream and are kept in rejects.jsonl.` : ""}</p>
</section>`;
}
