/**
 * The PSI of every feature in every check, as a table whose cells are coloured by the value. With many checks the cells are
 * narrow and without numbers; each row then begins with its highest and its latest value.
 */
import { html, type Markup, type Value } from "../html";
import { scrollable } from "../parts/section";

export interface HeatColumn {
  /** The day of the measurement, as text: `3 Nov 1997`. */
  label: string;
  /** What consecutive columns have in common, such as the serving version. */
  group: string;
  /** The larger unit of time, such as the year: written where it begins. */
  period: string;
  /** Why this column has no values. */
  missing?: string;
}

export interface HeatRow {
  name: Value;
  threshold: number;
  /** undefined where nothing was measured. */
  cells: readonly ({ value: number; alarming: boolean } | undefined)[];
}

/** More columns than this are drawn narrow. */
const mostWide = 10;

/** Steps of colour by the share of the threshold; the last two have reached it. */
const levels: readonly { upTo: number; text: string }[] = [
  { upTo: 0.25, text: "below a quarter of the threshold" },
  { upTo: 0.5, text: "below half" },
  { upTo: 1, text: "below the threshold" },
  { upTo: 2, text: "at or above the threshold" },
  { upTo: Number.POSITIVE_INFINITY, text: "at twice the threshold or more" },
];

function levelOf({ value, alarming }: { value: number; alarming: boolean }, threshold: number): number {
  const level = levels.findIndex(({ upTo }) => value / threshold < upTo);
  // The check decided what is drift, with the unrounded value: rounding must not give the cell a calmer colour.
  return alarming ? Math.max(3, level) : Math.min(2, level);
}

/** Neighbours with the same text, as one heading over all of them. */
function spans(texts: readonly string[]): { text: string; columns: number }[] {
  const found: { text: string; columns: number }[] = [];
  for (const text of texts) {
    const last = found.at(-1);
    if (last?.text === text) last.columns += 1;
    else found.push({ text, columns: 1 });
  }
  return found;
}

export const heatLegend: Markup = html`<ul class="legend heat-legend">${levels.map(({ text }, level) => html`<li><i class="key heat-${level}"></i>${text}</li>`)}<li><i class="key heat-none"></i>not measured</li></ul>`;

export function heatmap(caption: string, columns: readonly HeatColumn[], rows: readonly HeatRow[]): Markup {
  const narrow = columns.length > mostWide;
  const values = ({ cells }: HeatRow) => cells.flatMap((cell) => (cell === undefined ? [] : [cell.value]));
  const extremes = (row: HeatRow) => [Math.max(...values(row)), values(row).at(-1)];
  const cellOf = (row: HeatRow, position: number) => {
    const cell = row.cells[position];
    const column = columns[position];
    if (cell === undefined) {
      return html`<td class="heat-none" title="${column?.label}: ${column?.missing ?? "not measured"}"><span class="${narrow && "unseen"}">–</span></td>`;
    }
    return html`<td class="heat-${levelOf(cell, row.threshold)}" title="${column?.label}: PSI ${cell.value.toFixed(3)}"><span class="${narrow && "unseen"}">${cell.value.toFixed(2)}</span></td>`;
  };
  const groups = (of: (column: HeatColumn) => string) =>
    spans(columns.map(of)).map(
      ({ text, columns: span }) => html`<th colspan="${span}" scope="colgroup"><span>${text}</span></th>`,
    );
  const heads = columns.map(
    ({ label }) => html`<th scope="col"><span class="${narrow && "unseen"}">${label}</span></th>`,
  );
  const content = html`<table class="heat${narrow && " narrow"}">
  <caption>${caption}</caption>
  <thead>
    <tr><th rowspan="${narrow ? 3 : 2}" scope="col" class="feature">Feature</th>${narrow && html`<th rowspan="3" scope="col" class="number">Highest</th><th rowspan="3" scope="col" class="number">Latest</th>`}${groups(({ group }) => group)}</tr>
    ${narrow && html`<tr class="periods">${groups(({ period }) => period)}</tr>`}
    <tr class="${narrow && "unseen-row"}">${heads}</tr>
  </thead>
  <tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row" class="feature">${row.name}</th>${narrow && extremes(row).map((value) => html`<td class="number">${value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(2)}</td>`)}${columns.map((_, position) => cellOf(row, position))}</tr>`,
  )}</tbody></table>`;
  return html`${heatLegend}${scrollable(caption, content)}`;
}
