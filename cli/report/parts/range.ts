/** The interval of a figure, in small type beside it. */
import { metric } from "../format";
import { html, type Markup } from "../html";

export type Interval = readonly [low: number, high: number] | null | undefined;

/** Nothing if the interval is not known. `shown` writes its ends. */
export const range = (ends: Interval, shown: (value: number) => string = metric): Markup | false =>
  ends != null && html` <small class="range">${shown(ends[0])}–${shown(ends[1])}</small>`;
