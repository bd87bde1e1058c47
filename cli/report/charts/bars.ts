/** Horizontal bars: a few for each of several names, or one bar in parts. */
import { html, type Markup } from "../html";
import { at } from "./scale";

export interface Bar {
  kind: string;
  value: number;
  /** The value as text, at the bar's end. */
  text?: string;
}

/** Bars below each other, as shares of the chart's largest value. */
export function bars(values: readonly Bar[], largest: number): Markup {
  const width = (value: number) => at(largest > 0 ? (100 * Math.max(0, value)) / largest : 0);
  return html`<div class="bars">${values.map(
    ({ kind, value, text }) =>
      html`<div class="bar-row"><span class="track"><i class="bar ${kind}" style="width:${width(value)}%"></i></span>${text !== undefined && html`<span class="bar-text">${text}</span>`}</div>`,
  )}</div>`;
}

export interface Part {
  name: string;
  kind: string;
  value: number;
}

/** One bar whose parts make up the whole; the style sheet keeps the smallest part visible. */
export function partsBar(label: string, parts: readonly Part[]): Markup {
  const total = Math.max(
    1,
    parts.reduce((sum, { value }) => sum + value, 0),
  );
  return html`<div class="parts" role="img" aria-label="${label}">${parts
    .filter(({ value }) => value > 0)
    .map(
      ({ name, kind, value }) =>
        html`<i class="part ${kind}" style="flex-grow:${at((1000 * value) / total)}" title="${name}: ${value.toLocaleString("en-US")}"></i>`,
    )}</div>`;
}
