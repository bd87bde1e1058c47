/** Selects the events of a time range, for `daybreak feed --from --to` and the demo. */
import { UsageProblem } from "../shared/problem";
import { type OutgoingEvent, timeOf } from "./event";

export interface TimeRange {
  /** Inclusive. */
  from?: number | undefined;
  /** Exclusive. */
  to?: number | undefined;
}

/** Parses --from and --to. */
export function timeRange(from: string | undefined, to: string | undefined): TimeRange {
  const read = (option: string, text: string | undefined) => {
    if (text === undefined) return undefined;
    const time = timeOf(text);
    if (time !== undefined) return time;
    throw new UsageProblem(
      `${option} ${text} is not a time.`,
      "Expected ISO 8601, such as 1997-08-04 or 1997-08-04T06:00:00Z.",
    );
  };
  const range = { from: read("--from", from), to: read("--to", to) };
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to) {
    throw new UsageProblem(`--from ${from} is not before --to ${to}.`, "--from is inclusive, --to is exclusive.");
  }
  return range;
}

/**
 * Whether an event belongs to a range. An event without a readable time belongs to the range that has no start: it is sent
 * once, and the pipeline quarantines it with the reason.
 */
export function isWithin(event: Pick<OutgoingEvent, "time">, { from, to }: TimeRange): boolean {
  if (event.time === undefined) return from === undefined;
  return (from === undefined || event.time >= from) && (to === undefined || event.time < to);
}
