/** A chart of lines over two axes: ROC, precision and recall, calibration, drift over time. */
import { html, type Markup } from "../html";
import { at, linear } from "./scale";

export type Point = readonly [x: number, y: number];

export interface Line {
  name: string;
  points: readonly Point[];
  /** A class of the style sheet: v1, v2, muted, guide. */
  kind: string;
  dots?: boolean;
  /** Written at the line's end. */
  label?: string;
}

export interface LineChart {
  title: string;
  xLabel: string;
  yLabel: string;
  x: readonly [number, number];
  y: readonly [number, number];
  lines: readonly Line[];
  width?: number;
  height?: number;
  /** Texts of the x axis, in place of numbers. */
  xTicks?: readonly { at: number; label: string }[];
  /** A horizontal line with a meaning, such as a threshold. */
  threshold?: { at: number; label: string };
  /** Vertical lines with a meaning, such as a deployment. */
  marks?: readonly { at: number; label: string }[];
  /** The text of a dot's tooltip. */
  describe?: (line: Line, point: Point) => string;
}

const margin = { left: 44, right: 14, top: 14, bottom: 38 };
const labelGap = 13;

/** Ends of lines that lie close together get their labels one below the other. */
function spread(labels: { y: number; line: Line }[], bottom: number): { y: number; line: Line }[] {
  const sorted = [...labels].sort((one, other) => one.y - other.y);
  let lowest = Number.NEGATIVE_INFINITY;
  const apart = sorted.map(({ y, line }) => {
    lowest = Math.max(y, lowest + labelGap);
    return { y: lowest, line };
  });
  // What would hang below the axis moves up, and pushes those above it.
  let highest = bottom + labelGap;
  return apart.reverse().map(({ y, line }) => {
    highest = Math.min(y, highest - labelGap);
    return { y: highest, line };
  });
}

export function lineChart(chart: LineChart): Markup {
  const width = chart.width ?? 360;
  const height = chart.height ?? 300;
  const hasLabels = chart.lines.some(({ label }) => label !== undefined);
  const right = width - (hasLabels ? 150 : margin.right);
  const bottom = height - margin.bottom;
  const x = linear(chart.x, [margin.left, right], 5, chart.xTicks === undefined);
  const y = linear(chart.y, [bottom, margin.top]);
  const xTicks = chart.xTicks ?? x.ticks.map((tick) => ({ at: tick, label: String(tick) }));
  const path = (points: readonly Point[]) =>
    points.map(([px, py], position) => `${position === 0 ? "M" : "L"}${at(x(px))} ${at(y(py))}`).join("");
  const ends = chart.lines.flatMap((line) => {
    const last = line.points.at(-1);
    return line.label === undefined || last === undefined ? [] : [{ y: y(last[1]), line }];
  });
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${chart.title}">
  ${y.ticks.map(
    (tick) => html`<line class="grid" x1="${margin.left}" x2="${right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/>
    <text class="tick" x="${margin.left - 7}" y="${at(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
  )}
  ${xTicks.map(({ at: tick, label }) => html`<text class="tick" x="${at(x(tick))}" y="${bottom + 17}" text-anchor="middle">${label}</text>`)}
  <line class="axis" x1="${margin.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
  <text class="label" x="${(margin.left + right) / 2}" y="${height - 4}" text-anchor="middle">${chart.xLabel}</text>
  <text class="label" transform="rotate(-90 11 ${(margin.top + bottom) / 2})" x="11" y="${(margin.top + bottom) / 2}" text-anchor="middle">${chart.yLabel}</text>
  ${
    chart.threshold === undefined
      ? undefined
      : html`<line class="threshold" x1="${margin.left}" x2="${right}" y1="${at(y(chart.threshold.at))}" y2="${at(y(chart.threshold.at))}"/>
    <text class="threshold-text" x="${margin.left + 4}" y="${at(y(chart.threshold.at) - 5)}">${chart.threshold.label}</text>`
  }
  ${(chart.marks ?? []).map(
    ({
      at: mark,
      label,
    }) => html`<line class="mark" x1="${at(x(mark))}" x2="${at(x(mark))}" y1="${margin.top}" y2="${bottom}"/>
    <text class="mark-text" x="${at(x(mark) + 4)}" y="${margin.top + 9}">${label}</text>`,
  )}
  ${chart.lines.map(
    (line) => html`<path class="line ${line.kind}" d="${path(line.points)}"><title>${line.name}</title></path>
    ${
      line.dots === true
        ? line.points.map(
            (point) =>
              html`<circle class="dot ${line.kind}" cx="${at(x(point[0]))}" cy="${at(y(point[1]))}" r="3.4"><title>${chart.describe?.(line, point) ?? line.name}</title></circle>`,
          )
        : undefined
    }`,
  )}
  ${spread(ends, bottom - 4).map(({ y: top, line }) => html`<text class="end ${line.kind}" x="${right + 8}" y="${at(top + 4)}">${line.label}</text>`)}
</svg>`;
}
