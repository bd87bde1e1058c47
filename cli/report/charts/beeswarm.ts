/** SHAP values of many rows: a row for each feature, a dot for each prediction, its colour the feature's value. */
import { html, type Markup } from "../html";
import { at, linear } from "./scale";

export interface Swarm {
  name: string;
  points: readonly { value: number | string | null; shap: number }[];
}

const width = 420;
const nameWidth = 150;
const rowHeight = 30;
const bottom = 34;
const dot = 1.9;

/** Each value's rank among the row's, from 0 to 1: outliers would else leave all others one colour. */
function ranks(points: Swarm["points"]): (number | undefined)[] {
  const numbers = points
    .flatMap(({ value }) => (typeof value === "number" ? [value] : []))
    .sort((one, other) => one - other);
  return points.map(({ value }) => {
    if (typeof value !== "number") return undefined;
    const below = numbers.findIndex((one) => one >= value);
    const above = numbers.length - 1 - [...numbers].reverse().findIndex((one) => one <= value);
    return numbers.length < 2 ? 0.5 : (below + above) / 2 / (numbers.length - 1);
  });
}

/** Dots that would lie on each other move apart, up and down in turn. */
function offsets(xs: readonly number[]): number[] {
  const taken = new Map<number, number>();
  return xs.map((x) => {
    const slot = Math.round(x / (dot * 1.4));
    const before = taken.get(slot) ?? 0;
    taken.set(slot, before + 1);
    const away = Math.ceil(before / 2) * dot * 0.9 * (before % 2 === 0 ? 1 : -1);
    const most = rowHeight / 2 - 3;
    return Math.max(-most, Math.min(most, away));
  });
}

export function beeswarm(title: string, swarms: readonly Swarm[], meaning: string): Markup {
  const all = swarms.flatMap(({ points }) => points.map(({ shap }) => shap));
  const reach = Math.max(0.01, ...all.map(Math.abs));
  const x = linear([-reach, reach], [nameWidth, width - 10], 5, false);
  const end = swarms.length * rowHeight;
  return html`<svg class="chart" viewBox="0 0 ${width} ${end + bottom}" role="img" aria-label="${title}">
  <line class="axis" x1="${at(x(0))}" x2="${at(x(0))}" y1="0" y2="${end}"/>
  ${x.ticks.map((tick) => html`<text class="tick" x="${at(x(tick))}" y="${end + 14}" text-anchor="middle">${tick}</text>`)}
  <text class="label" x="${(nameWidth + width) / 2}" y="${end + 30}" text-anchor="middle">${meaning}</text>
  ${swarms.map(({ name, points }, row) => {
    const middle = row * rowHeight + rowHeight / 2;
    const xs = points.map(({ shap }) => x(shap));
    const rank = ranks(points);
    const offset = offsets(xs);
    return html`<text class="name" x="${nameWidth - 8}" y="${middle + 4}" text-anchor="end">${name}</text>
    ${xs.map((cx, position) => html`<circle class="swarm${rank[position] === undefined ? " none" : ""}" style="--value:${(100 * (rank[position] ?? 0)).toFixed(0)}%" cx="${at(cx)}" cy="${at(middle + (offset[position] ?? 0))}" r="${dot}"/>`)}`;
  })}
</svg>`;
}
