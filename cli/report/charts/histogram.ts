/** The distribution in the baseline and in live traffic, as a table: a row for each bin, with a bar for each of the two. */
import type { DriftBin } from "../../../contracts/drift-report";
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
  live: number;
}

function compared(bins: readonly DriftBin[]): Compared[] {
  const total = Math.max(
    1,
    bins.reduce((sum, { live }) => sum + live, 0),
  );
  // Bins that are empty on both sides say nothing: no missing values, no other categories.
  return bins
    .filter(({ kind, baseline, live }) => baseline > 0 || live > 0 || kind === "range" || kind === "category")
    .map((bin) => ({ bin, live: bin.live / total }));
}

/** The bin that changed most, as a sentence; empty where there is none. */
export function largestChange({ bins, type }: Pick<Histogram, "bins" | "type">): string {
  const change = ({ bin, live }: Compared) => Math.abs(live - bin.baseline);
  const [largest] = compared(bins).sort((one, other) => change(other) - change(one));
  if (largest === undefined || change(largest) === 0) return "";
  const { bin, live } = largest;
  const quoted = bin.kind === "category" ? `“${binText(bin, type)}”` : binText(bin, type);
  return `Largest change: ${quoted} went from ${percent(bin.baseline, 0)} of the baseline to ${percent(live, 0)} of the requests.`;
}

export function histogram({ caption, bins, type }: Histogram): Markup {
  const rows = compared(bins);
  const largest = Math.max(...rows.map(({ bin, live }) => Math.max(bin.baseline, live)), 0);
  const name = (bin: DriftBin): Value => {
    const text = binText(bin, type);
    if (bin.kind === "category") return html`<bdi class="category">${text}</bdi>`;
    return bin.kind === "range" ? html`<span class="range">${text}</span>` : html`<em>${text}</em>`;
  };
  return html`<table class="histogram">
  <caption>${caption}</caption>
  <thead><tr><th scope="col">Value</th><td></td><th scope="col" class="number">Baseline</th><th scope="col" class="number">Live</th></tr></thead>
  <tbody>${rows.map(
    ({ bin, live }) =>
      html`<tr><th scope="row">${name(bin)}</th><td aria-hidden="true">${bars(
        [
          { kind: "baseline", value: bin.baseline },
          { kind: "live", value: live },
        ],
        largest,
      )}</td><td class="number">${percent(bin.baseline, 0)}</td><td class="number">${percent(live, 0)}</td></tr>`,
  )}</tbody></table>`;
}
