/** Where every event went. */
import type { Summary } from "../../../contracts/summary";
import { type Part, partsBar } from "../charts/bars";
import { percent, whole, words } from "../format";
import { html, type Markup } from "../html";
import { key, section } from "../parts/section";
import { table } from "../parts/table";

/** `wrong_type:amount` as "wrong type: amount". */
const reasonWords = (reason: string) => words(reason).replace(/:(?=\S)/, ": ");

function quarantine(quarantined: Summary["events"]["quarantined"]): Markup {
  const reasons = Object.entries(quarantined)
    .filter(([, rows]) => rows > 0)
    .sort(([, one], [, other]) => other - one);
  if (reasons.length === 0) return html`<p class="quiet">No event was quarantined.</p>`;
  const total = reasons.reduce((sum, [, rows]) => sum + rows, 0);
  return html`<h3>In quarantine, by reason</h3>
  ${table({
    caption: "Quarantined events by reason",
    className: "short",
    columns: [
      { head: "Reason", cell: ([reason]) => html`<bdi>${reasonWords(reason)}</bdi>` },
      { head: "Events", number: true, lead: true, cell: ([, rows]) => whole(rows) },
      { head: "Share", number: true, lead: true, quiet: true, cell: ([, rows]) => percent(rows / total) },
    ],
    rows: reasons,
  })}`;
}

export function dataSection({ events, data, pipeline }: Summary): Markup {
  const quarantined = Object.values(events.quarantined).reduce((sum, rows) => sum + rows, 0);
  const parts: Part[] = [
    { name: "published", kind: "published", value: events.published },
    { name: "quarantined", kind: "quarantined", value: quarantined },
    { name: "duplicates removed", kind: "duplicates", value: events.duplicates },
    { name: "waiting for the next run", kind: "waiting", value: events.waiting },
    { name: "lost", kind: "lost", value: events.lost },
  ];
  const shown = parts.filter(({ value, kind }) => value > 0 || kind !== "waiting");
  const all = events.sent + events.rejected >= data.events;
  return section(
    "data",
    "Where every event went",
    html`<p>${whole(events.sent)} events were sent and ${whole(events.landed)} lines landed in the lake. This is counted event by event: each line of the raw files is looked up in the tables, and each ID that was sent among those that landed.</p>
  ${partsBar(`Events by where they went: ${shown.map(({ name, value }) => `${whole(value)} ${name}`).join(", ")}`, parts)}
  <ul class="legend amounts">${shown.map(({ name, kind, value }) => html`<li>${key(kind)}<span>${name}</span> <b>${whole(value)}</b> <small>${percent(value / Math.max(1, events.sent), 2)}</small></li>`)}</ul>
  ${events.doubled > 0 && html`<p class="bad">${whole(events.doubled)} doubled: lines in two places, or IDs that were published twice or never sent. This is a defect.</p>`}
  ${quarantine(events.quarantined)}
  <p class="quiet">The data has ${whole(data.events)} records of ${whole(data.entities)} entities (<bdi>${pipeline.entity}</bdi>)${all ? ", all of which the demo sent to the stream" : "; the demo sends those before its last as-of day"}.${events.rejected > 0 && ` ${whole(events.rejected)} were too large for the stream and are kept in rejects.jsonl.`}</p>`,
  );
}
