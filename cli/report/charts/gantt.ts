/** What happened when: a row for each kind of stage, a bar for each stage. */
import { duration } from "../../shared/output";
import { clockTime } from "../format";
import { html, type Markup } from "../html";
import { apart, timeTicks } from "./scale";

export interface GanttRow {
  name: string;
  kind: string;
  bars: readonly { title: string; from: number; seconds: number; label?: string }[];
}

export function gantt(label: string, rows: readonly GanttRow[], totalSeconds: number): Markup {
  const total = Math.max(1, totalSeconds);
  const place = (seconds: number) => `${((100 * seconds) / total).toFixed(2)}%`;
  const ticks = timeTicks(total, 9);
  const narrow = new Set(apart(ticks, total / 4.5));
  return html`<div class="frame"><div class="gantt" role="img" aria-label="${label}">
  <div class="gantt-grid">${ticks.map((tick) => html`<i style="left:${place(tick)}"></i>`)}</div>
  ${rows.map(
    ({ name, kind, bars }) =>
      html`<span class="gantt-name">${name}</span><div class="gantt-track">${bars.map(
        (bar) =>
          html`<i class="stage ${kind}" style="left:${place(bar.from)};width:${place(bar.seconds)}" title="${bar.title} (${duration(bar.seconds)})">${bar.label !== undefined && html`<b>${bar.label}</b>`}</i>`,
      )}</div>`,
  )}
  <div class="gantt-axis">${ticks.map((tick) => html`<span class="x-tick${!narrow.has(tick) && " wide-only"}" style="left:${place(tick)}">${clockTime(tick)}</span>`)}</div>
</div></div>`;
}
