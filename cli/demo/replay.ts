/** The demo's events in order of arrival, released from one as-of day to the next. */
import { commandLine } from "../../lambdas/shared/command-line";
import type { PipelineSpec } from "../../spec/pipeline";
import { FileCheck } from "../feed/check";
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
  rangeOf,
  type Timeline,
  timeOfDay,
} from "./timeline";

/** A replay keeps its events in memory; `feed` can send larger files. */
const mostEvents = 3_000_000;

/** The command that reads the data, which messages repeat: its words, and --pipelines if it was given. */
export interface ReadBy {
  words: readonly string[];
  pipelines?: string | undefined;
}

/** The sort position of events without an arrival time: before all others. */
const first = Number.MIN_SAFE_INTEGER;

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

  /** The data of a demo or a backtest: the given file, or the data of the example pipeline. */
  static async of(spec: PipelineSpec, file: string | undefined, by: ReadBy): Promise<Replay> {
    if (file !== undefined) return Replay.fromFile(file, spec, by);
    const example = exampleDataOf(spec.name);
    if (example !== undefined) return Replay.fromExample(example, spec);
    throw new UsageProblem(
      `The pipeline ${spec.name} has no data of its own.`,
      `Give its events, as CSV, JSON lines or Parquet: ${commandLine([...by.words, "--data", "events.csv"], by)}`,
    );
  }

  private static async fromFile(file: string, spec: PipelineSpec, by: ReadBy): Promise<Replay> {
    const toEvent = eventMaker(spec, await fingerprintOf(file));
    const check = new FileCheck(shownPath(file), spec);
    const arrivals: Arrival[] = [];
    for await (const row of readRows(file, Object.keys(spec.events.fields))) {
      check.add(row);
      const event = toEvent(row);
      arrivals.push({ event, at: event.time });
      if (arrivals.length > mostEvents) throw tooManyEvents(spec, file, by);
    }
    check.finish();
    return Replay.sorted(shownPath(file), arrivals);
  }

  private static fromExample(example: ExampleData, spec: PipelineSpec): Replay {
    // The examples' events have IDs, so no file fingerprint is needed to make them.
    const toEvent = eventMaker(spec, "");
    const arrivals: Arrival[] = [];
    for (const { line, arrivedAt } of example.lines()) {
      const row: Row = { number: arrivals.length + 1, value: parseObject(line), line };
      const event = toEvent(row);
      arrivals.push({ event, at: arrivedAt ?? event.time });
    }
    return Replay.sorted(example.title, arrivals, example.timeline);
  }

  private static sorted(title: string, arrivals: Arrival[], example?: ExampleTimeline): Replay {
    const latest = Date.now();
    const range = rangeOf(arrivals.flatMap(({ at }) => (at === undefined || at > latest ? [] : [at])));
    // Events from the future, or far after all others, are sent first: they must not extend the demo's calendar.
    const isBeyond = (at: number | undefined) => at === undefined || at > latest || at > range.last;
    const known = arrivals.map(({ event, at }) => ({ event, at: isBeyond(at) ? undefined : at }));
    // The sort is stable: events with the same time keep the file's order.
    known.sort((one, other) => (one.at ?? first) - (other.at ?? first));
    return new Replay(title, known, range, example);
  }

  /** When to train and when to check for drift. `checks` is the number of drift checks, if given. */
  plan(spec: PipelineSpec, checks?: number): Timeline {
    return planTimeline(this.range, spec, this.example, checks);
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
    while (this.#next < this.arrivals.length && (this.arrivals[this.#next]?.at ?? first) < end) this.#next += 1;
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

/** The refusal of a file that does not fit into memory, with the commands that send it as a stream. */
export function tooManyEvents(
  { name }: Pick<PipelineSpec, "name">,
  file: string,
  { pipelines }: ReadBy,
): CommandProblem {
  const up = commandLine(["up", "--pipeline", name], { pipelines });
  const feed = commandLine(["feed", name, file], { pipelines });
  return new CommandProblem(
    `${shownPath(file)} has more than ${mostEvents.toLocaleString("en-US")} events, too many to keep in memory.`,
    `Use a part of it, or start a local cloud and send it:\n${up}\n${feed}`,
  );
}
