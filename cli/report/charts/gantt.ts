/** What happened when: a row for each kind of stage, a bar for each stage. */

import { duration } from "../../shared/output";
import { clockTime } from "../format";
import { html, type Markup } from "../html";
import { at, linear, timeTicks } from "./scale";

export interface GanttRow {
  name: string;
  kind: string;
  bars: readonly { title: string; from: number; seconds: number; label?: string }[];
}

const width = 960;
const nameWidth = 92;
const rowHeight = 30;
const bottom = 26;

export function gantt(title: string, rows: readonly GanttRow[], totalSeconds: number): Markup {
  const x = linear([0, totalSeconds], [nameWidth, width - 10], 8, false);
  const height = rows.length * rowHeight + bottom;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
  ${timeTicks(totalSeconds, 9).map(
    (tick) => html`<line class="grid" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="0" y2="${rows.length * rowHeight}"/>
    <text class="tick" x="${at(x(tick))}" y="${rows.length * rowHeight + 17}" text-anchor="middle">${clockTime(tick)}</text>`,
  )}
  ${rows.map(({ name, kind, bars }, row) => {
    const top = row * rowHeight;
    return html`<text class="name" x="${nameWidth - 10}" y="${top + rowHeight / 2 + 4}" text-anchor="end">${name}</text>
    ${bars.map(({ title: text, from, seconds, label }) => {
      const barWidth = Math.max(2, x(from + seconds) - x(from) - 1);
      return html`<rect class="stage ${kind}" x="${at(x(from))}" y="${top + 5}" width="${at(barWidth)}" height="${rowHeight - 10}" rx="3"><title>${text} (${duration(seconds)})</title></rect>
      ${label !== undefined && barWidth > label.length * 7 + 6 ? html`<text class="in-bar" x="${at(x(from) + 6)}" y="${top + rowHeight / 2 + 4}">${label}</text>` : undefined}`;
    })}`;
  })}
</svg>`;
}
