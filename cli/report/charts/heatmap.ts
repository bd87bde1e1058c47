/** Drift of every feature at every look: one cell each, the stronger the farther it went. */
import { html, type Markup } from "../html";
import { at } from "./scale";

export interface HeatRow {
  name: string;
  /** undefined where nothing was measured. */
  cells: readonly ({ value: number; alarming: boolean } | undefined)[];
}

const nameWidth = 170;
const rowHeight = 24;
const top = 24;

export function heatmap(
  title: string,
  columns: readonly string[],
  rows: readonly HeatRow[],
  threshold: number,
): Markup {
  const cellWidth = Math.min(90, Math.max(44, 700 / Math.max(1, columns.length)));
  const width = nameWidth + columns.length * cellWidth;
  const height = top + rows.length * rowHeight;
  return html`<svg class="chart" style="max-width:${Math.round(width)}px;min-width:${Math.min(640, Math.round(width))}px" viewBox="0 0 ${at(width)} ${height}" role="img" aria-label="${title}">
  ${columns.map((column, position) => html`<text class="tick" x="${at(nameWidth + (position + 0.5) * cellWidth)}" y="15" text-anchor="middle">${column}</text>`)}
  ${rows.map(
    (
      { name, cells },
      row,
    ) => html`<text class="name" x="${nameWidth - 10}" y="${top + row * rowHeight + 16}" text-anchor="end">${name}</text>
    ${cells.map((cell, position) => {
      const x = nameWidth + position * cellWidth;
      const y = top + row * rowHeight;
      if (cell === undefined)
        return html`<rect class="cell none" x="${at(x + 1)}" y="${y + 1}" width="${at(cellWidth - 2)}" height="${rowHeight - 2}" rx="3"/>`;
      const strength = Math.min(1, cell.value / (2 * threshold));
      return html`<rect class="cell ${cell.alarming ? "alarming" : "calm"}" style="--strength:${(0.08 + 0.92 * strength).toFixed(2)}" x="${at(x + 1)}" y="${y + 1}" width="${at(cellWidth - 2)}" height="${rowHeight - 2}" rx="3"><title>${name}, ${columns[position] ?? ""}: PSI ${cell.value.toFixed(3)}</title></rect>
      <text class="cell-text${cell.alarming ? " alarming" : ""}" x="${at(x + cellWidth / 2)}" y="${y + 16}" text-anchor="middle">${cell.value.toFixed(2)}</text>`;
    })}`,
  )}
</svg>`;
}
