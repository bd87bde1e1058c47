/** A distribution in the baseline and on one day, as a table: a row for each bin, with a bar for each of the two. */
import type { DriftBin } from "../../../contracts/score-drift";
import { percent } from "../format";
import { html, type Markup, type Value } from "../html";
import { bars } from "./bars";

export interface Histogram {
  /** What is compared, for screen readers. */
  caption: string;
  bins: readonly DriftBin[];
  /** The type of the values: bins of integers are named by the integers in them. */
  type: string | undefined;
}

/** A bin's limit with three digits after the first that counts. */
const limit = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001
    ? value.toExponential(1)
    : Number(value.toPrecision(Math.max(4, Math.ceil(Math.log10(Math.abs(value) + 1))))).toLocaleString("en-US", {
        maximumFractionDigits: 4,
      });

/** What a bin holds, in words. */
export function binText(bin: DriftBin, type: string | undefined): string {
  if (bin.kind === "category") return bin.category === "" ? "(empty)" : bin.category;
  if (bin.kind === "other") return "other values";
  if (bin.kind === "missing") return "missing";
  if (bin.kind === "value") return limit(bin.value);
  const { above, up_to: upTo } = bin;
  if (above === null) return upTo === null ? "any value" : `up to ${limit(upTo)}`;
  if (upTo === null) return `over ${limit(above)}`;
  if (type !== "integer") return `${limit(above)} to ${limit(upTo)}`;
  const first = Math.floor(above) + 1;
  const last = Math.floor(upTo);
  return first >= last ? limit(last) : `${limit(first)} to ${limit(last)}`;
}

interface Compared {
  bin: DriftBin;
  day: number;
}

function compared(bins: readonly DriftBin[]): Compared[] {
  const total = Math.max(
    1,
    bins.reduce((sum, { current }) => sum + current, 0),
  );
  // Bins that are empty on both sides say nothing: no missing values, no other categories.
  return bins
    .filter(({ kind, baseline, current }) => baseline > 0 || current > 0 || kind === "range" || kind === "category")
    .map((bin) => ({ bin, day: bin.current / total }));
}

/** The bin that changed most, as a sentence; empty where there is none. */
export function largestChange({ bins, type }: Pick<Histogram, "bins" | "type">): string {
  const change = ({ bin, day }: Compared) => Math.abs(day - bin.baseline);
  const [largest] = compared(bins).sort((one, other) => change(other) - change(one));
  if (largest === undefined || change(largest) === 0) return "";
  const { bin, day } = largest;
  const quoted = bin.kind === "category" ? `“${binText(bin, type)}”` : binText(bin, type);
  return `Largest change: ${quoted} went from ${percent(bin.baseline, 0)} of the baseline to ${percent(day, 0)} of the day’s rows.`;
}

export function histogram({ caption, bins, type }: Histogram): Markup {
  const rows = compared(bins);
  const largest = Math.max(...rows.map(({ bin, day }) => Math.max(bin.baseline, day)), 0);
  const name = (bin: DriftBin): Value => {
    const text = binText(bin, type);
    if (bin.kind === "category") return html`<bdi class="category">${text}</bdi>`;
    return bin.kind === "range" ? html`<span class="range">${text}</span>` : html`<em>${text}</em>`;
  };
  return html`<table class="histogram">
  <caption>${caption}</caption>
  <thead><tr><th scope="col">Value</th><td></td><th scope="col" class="number">Baseline</th><th scope="col" class="number">Day</th></tr></thead>
  <tbody>${rows.map(
    ({ bin, day }) =>
      html`<tr><th scope="row">${name(bin)}</th><td aria-hidden="true">${bars(
        [
          { kind: "baseline", value: bin.baseline },
          { kind: "live", value: day },
        ],
        largest,
      )}</td><td class="number">${percent(bin.baseline, 0)}</td><td class="number">${percent(day, 0)}</td></tr>`,
  )}</tbody></table>`;
}
