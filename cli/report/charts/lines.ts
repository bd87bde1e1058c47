/** A chart of lines over two axes: ROC, precision and recall, calibration, drift over time. */
import { html, type Markup, type Value } from "../html";
import { legend } from "../parts/section";
import { extent, plot, share, type Tick } from "./plot";
import { at, linear } from "./scale";

export type Point = readonly [x: number, y: number];

export interface Line {
  name: string;
  /** undefined where nothing was measured: the line is interrupted there. */
  points: readonly (Point | undefined)[];
  /** A class of the style sheet: m1, s2, rest, guide. */
  kind: string;
  dots?: boolean;
  /** Written at the line's end; on a phone, in a legend. */
  label?: Value;
}

export interface LineChart {
  /** What the chart shows, for screen readers. */
  label: string;
  xLabel: string;
  yLabel: string;
  x: readonly [number, number];
  y: readonly [number, number];
  lines: readonly Line[];
  square?: boolean;
  /** Texts of the x axis, in place of numbers. */
  xTicks?: readonly Tick[];
  /** A horizontal line with a meaning, such as a threshold. */
  threshold?: { at: number; label: string };
  /** Vertical lines with a meaning, such as a deployment. */
  marks?: readonly { at: number; label: string }[];
  /** The text of a dot's tooltip. */
  describe?: (line: Line, point: Point) => string;
}

/** Lines of more points than this have smaller dots. */
const mostLargeDots = 30;
/** The heights in the style sheet, in px: of a chart that is not square, and of a line of its labels. */
const height = 300;
const labelHeight = 17;

/** Moves the labels of lines that end close together below each other. */
export function spread(tops: readonly number[], gap: number, bottom: number): number[] {
  const order = tops.map((_, position) => position).sort((one, other) => (tops[one] ?? 0) - (tops[other] ?? 0));
  const places = [...tops];
  let lowest = Number.NEGATIVE_INFINITY;
  for (const position of order) {
    lowest = Math.max(tops[position] ?? 0, lowest + gap);
    places[position] = lowest;
  }
  // A label that would be below the axis moves up, and pushes those above it up as well.
  let highest = bottom + gap;
  for (const position of order.reverse()) {
    highest = Math.min(places[position] ?? 0, highest - gap);
    places[position] = highest;
  }
  return places;
}

export function lineChart(chart: LineChart): Markup {
  const x = linear(chart.x, [0, extent], 5, chart.xTicks === undefined);
  const y = linear(chart.y, [extent, 0], 5);
  const numbers = (ticks: readonly number[]): Tick[] => ticks.map((tick) => ({ at: tick, label: String(tick) }));
  const place = ([px, py]: Point) => `${at(x(px))} ${at(y(py))}`;
  // A point without neighbours is a line of no length, whose round ends are drawn.
  const path = (points: Line["points"]) =>
    points
      .map((point, position) => {
        if (point === undefined) return "";
        const [first, last] = [points[position - 1] === undefined, points[position + 1] === undefined];
        return `${first ? "M" : "L"}${place(point)}${first && last ? "h0" : ""}`;
      })
      .join("");
  const dot = (line: Line, point: Point) =>
    html`<path class="dot ${line.kind}" d="M${place(point)}h0"><title>${chart.describe?.(line, point) ?? line.name}</title></path>`;
  const { threshold, marks = [] } = chart;
  const isDense = chart.lines.some(({ points }) => points.length > mostLargeDots);
  const drawing = html`
    ${threshold && html`<path class="threshold" d="M0 ${at(y(threshold.at))}H${extent}"/>`}
    ${marks.map((mark) => html`<path class="mark" d="M${at(x(mark.at))} 0V${extent}"/>`)}
    ${chart.lines.map(
      (line) => html`<path class="line ${line.kind}" d="${path(line.points)}"><title>${line.name}</title></path>
    ${line.dots === true && line.points.map((point) => point && dot(line, point))}`,
    )}`;
  const ends = chart.lines.flatMap(({ label, kind, points }) => {
    const last = points.findLast((point) => point !== undefined);
    return label === undefined || last === undefined ? [] : [{ text: label, kind, value: last[1] }];
  });
  const labelled =
    threshold === undefined ? ends : [...ends, { text: threshold.label, kind: "limit", value: threshold.at }];
  const tops = spread(
    labelled.map(({ value }) => (y(value) / extent) * height),
    labelHeight,
    height,
  );
  const notes = html`
    ${marks.map((mark) => html`<span class="mark-note${x(mark.at) > 0.85 * extent && " end"}" style="left:${share(x(mark.at))}">${mark.label}</span>`)}
    ${labelled.map(({ text, kind }, position) => html`<span class="end-note ${kind}" style="top:${at(((tops[position] ?? 0) / height) * 100)}%">${text}</span>`)}`;
  const framed = plot({
    ...{ label: chart.label, x, y, xLabel: chart.xLabel, yLabel: chart.yLabel, drawing, notes },
    xTicks: chart.xTicks ?? numbers(x.ticks),
    yTicks: numbers(y.ticks),
    className: [chart.square === true && "square", labelled.length > 0 && "with-ends", isDense && "dense"]
      .filter(Boolean)
      .join(" "),
  });
  if (labelled.length === 0) return framed;
  return html`${framed}${legend([...labelled].reverse(), "narrow-only")}`;
}
