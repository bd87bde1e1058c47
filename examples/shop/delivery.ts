/** Converts events to the records that arrive in the stream, with the configured incidents on the way. */
import { millisecondsPerDay, type ShopEvent } from "./events";
import { type Incidents, isDuring } from "./options";
import { type Random, randomStream } from "./random";

/** What happened to a record on its way. `clean` and `late` records are valid and unique. */
export type Fate = "clean" | "late" | "duplicate" | "not_json" | "missing_field" | "wrong_type" | "future" | "huge";

/** A record as it arrives in the stream. */
export interface Arrival {
  /** Milliseconds since 1970. A run as of a day sees the records that arrived before 00:00 UTC of that day. */
  arrivedAt: number;
  /** The record: JSON, unless an incident corrupted it. */
  line: string;
  fate: Fate;
}

/** Applies the incidents to records. Each incident has its own random stream. */
export class Delivery {
  readonly #incidents: Incidents;
  readonly #random: Record<keyof Omit<Incidents, "drift">, Random>;

  constructor(seed: number, incidents: Incidents) {
    const stream = (name: string) => randomStream(seed, `incident/${name}`);
    this.#incidents = incidents;
    this.#random = {
      broken_client: stream("broken_client"),
      duplicates: stream("duplicates"),
      late: stream("late"),
      future: stream("future"),
      huge: stream("huge"),
    };
  }

  /** The arrivals of an event: one, or two if it is sent again. */
  deliver(event: ShopEvent, day: number): Arrival[] {
    const { broken_client, duplicates, late, future, huge } = this.#incidents;
    const happenedAt = Date.parse(event.event_time);
    const clean: Arrival = { arrivedAt: happenedAt, line: JSON.stringify(event), fate: "clean" };
    if (isDuring(broken_client, day) && event.device === "android" && broken_client !== undefined) {
      if (this.#random.broken_client.chance(broken_client.share)) {
        return [{ arrivedAt: happenedAt, ...this.#breakRecord(event) }];
      }
    }
    if (future !== undefined && this.#random.future.chance(future.share)) {
      const ahead = new Date(happenedAt);
      ahead.setUTCFullYear(ahead.getUTCFullYear() + 100);
      const event_time = ahead.toISOString();
      return [{ ...clean, line: JSON.stringify({ ...event, event_time }), fate: "future" }];
    }
    if (huge !== undefined && this.#random.huge.chance(huge.share)) {
      return [{ ...clean, line: JSON.stringify({ ...event, page: "x".repeat(huge.bytes) }), fate: "huge" }];
    }
    if (late !== undefined && this.#random.late.chance(late.share)) {
      const delay = this.#random.late.next() * late.max_days * millisecondsPerDay;
      return [{ ...clean, arrivedAt: happenedAt + delay, fate: "late" }];
    }
    if (duplicates !== undefined && this.#random.duplicates.chance(duplicates.share)) {
      const again = happenedAt + 60_000 + this.#random.duplicates.next() * 1_800_000;
      return [clean, { ...clean, arrivedAt: again, fate: "duplicate" }];
    }
    return [clean];
  }

  /** Corrupts a record in one of the ways of the broken Android release. */
  #breakRecord(event: ShopEvent): Pick<Arrival, "line" | "fate"> {
    const whole = JSON.stringify(event);
    switch (this.#random.broken_client.below(3)) {
      case 0:
        return { line: whole.slice(0, Math.floor(whole.length * 0.6)), fate: "not_json" };
      case 1: {
        const { user_id: _forgotten, ...rest } = event;
        return { line: JSON.stringify(rest), fate: "missing_field" };
      }
      default:
        return { line: JSON.stringify({ ...event, event_time: "yesterday" }), fate: "wrong_type" };
    }
  }
}
