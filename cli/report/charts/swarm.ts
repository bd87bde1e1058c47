/** SHAP values of many rows as one strip: a dot for each prediction, its colour the feature's value. */
import { html, type Markup, raw } from "../html";
import { extent } from "./plot";
import { at, linear } from "./scale";

export interface SwarmPoint {
  value: number | string | null;
  shap: number;
}

/** Steps of colour from low to high values. */
const steps = 5;
/** A dot's size in units of the drawing's width, and the distance by which dots move apart, of its height. */
const slotWidth = 9;
const stepHeight = 55;
const reachHeight = 420;

/** Each value's rank among the row's, from 0 to 1: otherwise outliers would leave all others the same colour. */
function ranks(points: readonly SwarmPoint[]): (number | undefined)[] {
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

/** Moves overlapping dots apart, alternately up and down. */
function offsets(xs: readonly number[]): number[] {
  const taken = new Map<number, number>();
  return xs.map((x) => {
    const slot = Math.round(x / slotWidth);
    const before = taken.get(slot) ?? 0;
    taken.set(slot, before + 1);
    const away = Math.ceil(before / 2) * stepHeight * (before % 2 === 0 ? 1 : -1);
    return Math.max(-reachHeight, Math.min(reachHeight, away));
  });
}

/** The largest effect in either direction: the strips of one chart share their scale. */
export const reachOf = (points: readonly SwarmPoint[]): number =>
  Math.max(0.01, ...points.map(({ shap }) => Math.abs(shap)));

/** One strip; all dots of a colour are one path. */
export function swarmStrip(points: readonly SwarmPoint[], reach: number): Markup {
  const x = linear([-reach, reach], [0, extent], 5, false);
  const xs = points.map(({ shap }) => x(shap));
  const offset = offsets(xs);
  const rank = ranks(points);
  const paths = new Map<string, string>();
  for (const [position, cx] of xs.entries()) {
    const of = rank[position];
    const kind = of === undefined ? "none" : `q${Math.min(steps - 1, Math.floor(of * steps))}`;
    paths.set(kind, `${paths.get(kind) ?? ""}M${at(cx)} ${at(extent / 2 + (offset[position] ?? 0))}h0`);
  }
  const shaps = points.map(({ shap }) => shap);
  const label =
    points.length === 0
      ? "no SHAP values"
      : `SHAP values from ${Math.min(...shaps).toFixed(2)} to ${Math.max(...shaps).toFixed(2)}`;
  return html`<svg class="swarm" viewBox="0 0 ${extent} ${extent}" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="axis" d="M${extent / 2} 0V${extent}"/>${[...paths].map(([kind, path]) => html`<path class="swarm-dots ${kind}" d="${raw(path)}"/>`)}</svg>`;
}

/** The axis of the strips: what a dot left or right of the middle means. */
export function swarmAxis(reach: number): Markup {
  return html`<span class="swarm-axis"><span>−${reach.toFixed(1)}</span><span>0</span><span>+${reach.toFixed(1)}</span></span>`;
}
