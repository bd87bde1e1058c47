/**
 * The frame of a chart with two axes. Lines and dots are SVG that stretches with the page; every text is HTML, so that it has the
 * same size on a phone as on a desk.
 */
import { html, type Markup, type Value } from "../html";
import { at, type Scale } from "./scale";

/** The drawing's own units along each axis. */
export const extent = 1000;

export interface Tick {
  at: number;
  label: string;
  /** Left out where there is little room. */
  wideOnly?: boolean;
}

export interface Plot {
  /** What the chart shows, for screen readers. */
  label: string;
  x: Scale;
  y: Scale;
  xTicks: readonly Tick[];
  yTicks: readonly Tick[];
  xLabel: string;
  yLabel: string;
  /** SVG in units of the extent. */
  drawing: Value;
  /** HTML above the drawing, placed in percent. */
  notes?: Value;
  className?: string;
}

/** A position of the drawing as a share of its width or height. */
export const share = (position: number): string => `${at((100 * position) / extent)}%`;

/** A long text at an end of an axis must not stick out: it is put beside its place instead of below it. */
function side(position: number, label: string): string {
  if (label.length < 6) return "";
  return position < 0.06 * extent ? "start" : position > 0.94 * extent ? "end" : "";
}

export function plot({ label, x, y, xTicks, yTicks, xLabel, yLabel, drawing, notes, className = "" }: Plot): Markup {
  return html`<div class="frame"><div class="plot ${className}" role="img" aria-label="${label}">
  <div class="y-name">${yLabel}</div>
  <div class="canvas">
    <svg viewBox="0 0 ${extent} ${extent}" preserveAspectRatio="none" aria-hidden="true">
    ${yTicks.map((tick) => html`<path class="grid" d="M0 ${at(y(tick.at))}H${extent}"/>`)}
    <path class="axis" d="M0 ${extent}H${extent}"/>
    ${drawing}
    </svg>
    ${yTicks.map((tick) => html`<span class="y-tick" style="top:${share(y(tick.at))}">${tick.label}</span>`)}
    ${xTicks.map((tick) => html`<span class="x-tick ${side(x(tick.at), tick.label)}${tick.wideOnly === true && " wide-only"}" style="left:${share(x(tick.at))}">${tick.label}</span>`)}
    ${notes}
  </div>
  <div class="x-name">${xLabel}</div>
</div></div>`;
}
