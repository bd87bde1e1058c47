/** The demo's events in order of arrival, released from one as-of day to the next. */
import type { PipelineSpec } from "../../spec/pipeline";
import { eventMaker, fingerprintOf, type OutgoingEvent } from "../feed/event";
import { parseObject, type Row, readRows } from "../feed/rows";
import { shownPath } from "../shared/paths";
import { CommandProblem, UsageProblem } from "../shared/problem";
import { type ExampleData, exampleDataOf } from "./example-data";
import {
  type DataRange,
  dayMilliseconds,
  type ExampleTimeline,
  planTimeline,
  type Timeline,
  timeOfDay,
} from "./timeline";

/** The demo keeps its events in memory; `feed` can send larger files. */
const mostEvents = 3_000_000;

interface Arrival {
  event: OutgoingEvent;
  /** The arrival time; undefined if the event has no readable time, which puts it first. */
  at: number | undefined;
}

export class Replay {
  #next = 0;
  /** The newest event time of each entity. */
  readonly #lastSeen = new Map<string, number>();

  private constructor(
    readonly title: string,
    private readonly arrivals: readonly Arrival[],
    readonly range: DataRange,
    private readonly example: ExampleTimeline | undefined,
  ) {}

  /** The demo's data: the given file, or the data of the example pipeline. */
  static async of(spec: PipelineSpec, file: string | undefined): Promise<Replay> {
    if (file !== undefined) return Replay.fromFile(file, spec);
    const example = exampleDataOf(spec.name);
    if (example !== undefined) return Replay.fromExample(example, spec);
    throw new UsageProblem(
      `The pipeline ${spec.name} has no data of its own.`,
      `Give its events: npx daybreak demo --pipeline ${spec.name} --data <file.csv|.jsonl|.parquet>`,
    );
  }

  private static async fromFile(file: string, spec: PipelineSpec): Promise<Replay> {
    const toEvent = eventMaker(spec, await fingerprintOf(file));
    const arrivals: Arrival[] = [];
    for await (const row of readRows(file)) {
      const event = toEvent(row);
      arrivals.push({ event, at: event.time });
      if (arrivals.length > mostEvents) {
        throw new CommandProblem(
          `${shownPath(file)} has more than ${mostEvents.toLocaleString("en-US")} events, too many for a demo.`,
          `Use a part of it, or start a local cloud (npx daybreak up) and send it: npx daybreak feed ${spec.name} <file>`,
        );
      }
    }
    return Replay.sorted(shownPath(file), arrivals, spec);
  }

  private static fromExample(example: ExampleData, spec: PipelineSpec): Replay {
    // The examples' events have IDs, so no file fingerprint is needed to make them.
    const toEvent = eventMaker(spec, "");
    const arrivals: Arrival[] = [];
    for (const { line, arrivedAt } of example.lines()) {
      const row: Row = { number: arrivals.length + 1, value: parseObject(line) ?? line, line };
      const event = toEvent(row);
      arrivals.push({ event, at: arrivedAt ?? event.time });
    }
    return Replay.sorted(example.title, arrivals, spec, example.timeline);
  }

  private static sorted(title: string, arrivals: Arrival[], spec: PipelineSpec, example?: ExampleTimeline): Replay {
    // An event from the future must not extend the demo's calendar: it is sent first, and quarantined.
    const latest = Date.now();
    const known = arrivals.map(({ event, at }) => ({ event, at: at !== undefined && at > latest ? undefined : at }));
    const times = known.flatMap(({ at }) => (at === undefined ? [] : [at]));
    if (times.length === 0) throw noTimes(title, arrivals, spec);
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const time of times) {
      if (time < first) first = time;
      if (time > last) last = time;
    }
    // The sort is stable: events with the same time keep the file's order.
    known.sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
    return new Replay(title, known, { first, last }, example);
  }

  /** When to train and when to check for drift. */
  plan(spec: PipelineSpec): Timeline {
    return planTimeline(this.range, spec, this.example);
  }

  get size(): number {
    return this.arrivals.length;
  }

  /** Whether there are events that have not been released yet. */
  get hasMore(): boolean {
    return this.#next < this.arrivals.length;
  }

  get entities(): number {
    return new Set(this.arrivals.flatMap(({ event }) => (event.entity === undefined ? [] : [event.entity]))).size;
  }

  /** Releases the events that arrived before a day (UTC). */
  before(day: string): OutgoingEvent[] {
    const end = timeOfDay(day);
    const from = this.#next;
    while (this.#next < this.arrivals.length && (this.arrivals[this.#next]?.at ?? 0) < end) this.#next += 1;
    const taken = this.arrivals.slice(from, this.#next).map(({ event }) => event);
    for (const { entity, time } of taken) {
      if (entity !== undefined && time !== undefined) this.#lastSeen.set(entity, time);
    }
    return taken;
  }

  /** Entities with an event in the days before a day, most recent first. */
  seenSince(day: string, days: number): string[] {
    const start = timeOfDay(day) - days * dayMilliseconds;
    return [...this.#lastSeen]
      .filter(([, time]) => time >= start)
      .sort(([, one], [, other]) => other - one)
      .map(([entity]) => entity);
  }
}

function noTimes(title: string, arrivals: readonly Arrival[], spec: PipelineSpec): CommandProblem {
  const example = arrivals[0]?.event.data.slice(0, 300) ?? "(no rows)";
  return new CommandProblem(
    `${title}: none of its ${arrivals.length} rows has a past time in the field "${spec.events.time}".`,
    `Expected ISO 8601, such as 2026-03-01T12:00:00Z, in the field that events.time of pipeline.yaml names. The first row:\n${example}`,
  );
}
