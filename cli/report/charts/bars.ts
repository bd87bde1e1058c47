/** Horizontal bars: one bar a name, or one bar in parts. */
import { html, type Markup } from "../html";
import { at } from "./scale";

export interface BarGroup {
  name: string;
  /** One bar for each kind, under each other. */
  values: readonly { kind: string; value: number; text: string }[];
}

const width = 420;
const nameWidth = 165;
const valueWidth = 56;
const barHeight = 9;
const groupGap = 9;

export function barChart(title: string, groups: readonly BarGroup[]): Markup {
  const largest = Math.max(...groups.flatMap(({ values }) => values.map(({ value }) => value)), 1e-9);
  const groupHeight = Math.max(1, ...groups.map(({ values }) => values.length)) * (barHeight + 2) + groupGap;
  const height = groups.length * groupHeight;
  const scale = (width - nameWidth - valueWidth) / largest;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
  ${groups.map(({ name, values }, row) => {
    const top = row * groupHeight + groupGap / 2;
    return html`<text class="name" x="${nameWidth - 8}" y="${at(top + (values.length * (barHeight + 2)) / 2 + 3)}" text-anchor="end">${name}</text>
    ${values.map(
      (
        { kind, value, text },
        position,
      ) => html`<rect class="bar ${kind}" x="${nameWidth}" y="${at(top + position * (barHeight + 2))}" width="${at(Math.max(1, value * scale))}" height="${barHeight}" rx="2"><title>${name}: ${text}</title></rect>
      <text class="value" x="${at(nameWidth + value * scale + 6)}" y="${at(top + position * (barHeight + 2) + barHeight - 1)}">${text}</text>`,
    )}`;
  })}
</svg>`;
}

export interface Part {
  name: string;
  kind: string;
  value: number;
}

/** One bar whose parts make up the whole; the smallest part is still to be seen. */
export function partsBar(title: string, parts: readonly Part[]): Markup {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  const visible = parts.filter(({ value }) => value > 0);
  const smallest = 4;
  const barWidth = 1000;
  const shares = visible.map(({ value }) => Math.max(smallest, (value / Math.max(1, total)) * barWidth));
  const scale = barWidth / shares.reduce((sum, share) => sum + share, 0);
  let left = 0;
  return html`<svg class="chart parts" viewBox="0 0 ${barWidth} 26" preserveAspectRatio="none" role="img" aria-label="${title}">
  ${visible.map((part, position) => {
    const x = left;
    const share = (shares[position] ?? 0) * scale;
    left += share;
    return html`<rect class="part ${part.kind}" x="${at(x)}" y="0" width="${at(Math.max(1, share - 2))}" height="26"><title>${part.name}: ${part.value.toLocaleString("en-US")}</title></rect>`;
  })}
</svg>`;
}
