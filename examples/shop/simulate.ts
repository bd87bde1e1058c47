/**
 * A simulated shop: clicks, cart actions and payment attempts of several hundred customers over five months.
 *
 * SIMULATED DATA, not based on real people or a real shop. The latent process in customer.ts decides how customers visit,
 * fill carts, pay and leave. Its parameters were chosen so that the data look plausible (about a fifth of a week's
 * visitors do not return in the following two weeks) and churn is predictable, but not well. A model's score on this
 * data shows that the pipeline works; it says nothing about churn in a real shop. The incidents in options.ts and
 * delivery.ts are common in real event streams; each is off by default.
 *
 * Deterministic and streamed: the same options give the same lines, and memory holds one day.
 */
import { simulateBehaviour } from "./behaviour";
import { type Arrival, Delivery, type Fate } from "./delivery";
import { millisecondsPerDay } from "./events";
import { type ShopOptions, shopOptions } from "./options";

export type { Arrival, Fate } from "./delivery";
export type { ShopOptions } from "./options";

/** Number of records sent, by fate. The counts of quarantined and deduplicated events must match it. */
export type ShopTally = Record<Fate, number>;

/** The demo's shop: all incidents are on, and drift (failing payments, higher prices) starts on 2025-04-14. */
export const demoShop = {
  days: 165,
  incidents: {
    drift: { from_day: 98 },
    broken_client: { from_day: 60, to_day: 67 },
    duplicates: {},
    late: {},
    future: {},
    huge: {},
  },
} satisfies ShopOptions;

/**
 * The demo's timeline for `demoShop`. A week after the first model is trained, on the day the payments begin to fail, there is
 * no drift; a week later there is. What the customers do about it shows in labels four weeks after that: then the run at dawn
 * trains by itself. The last day is late enough for the labels of the second model's first scores to be known.
 */
export const demoShopTimeline = {
  trainAt: "2025-04-07",
  liveDays: ["2025-04-14", "2025-04-21", "2025-05-19", "2025-05-26", "2025-06-16"],
} as const;

/** Yields the records in order of arrival (late ones days after their event time) and returns the tally. */
export function* simulateShopArrivals(options: ShopOptions = {}): Generator<Arrival, ShopTally> {
  const resolved = shopOptions.parse(options);
  const delivery = new Delivery(resolved.seed, resolved.incidents);
  const tally: ShopTally = {
    clean: 0,
    late: 0,
    duplicate: 0,
    not_json: 0,
    missing_field: 0,
    wrong_type: 0,
    future: 0,
    huge: 0,
  };
  let waiting: Arrival[] = [];
  for (const day of simulateBehaviour(resolved)) {
    for (const event of day.events) waiting.push(...delivery.deliver(event, day.number));
    const endsAt = day.startsAt + millisecondsPerDay;
    waiting.sort((one, other) => one.arrivedAt - other.arrivedAt);
    const arrived = waiting.findIndex((arrival) => arrival.arrivedAt >= endsAt);
    const due = arrived === -1 ? waiting : waiting.slice(0, arrived);
    waiting = arrived === -1 ? [] : waiting.slice(arrived);
    for (const arrival of due) {
      tally[arrival.fate] += 1;
      yield arrival;
    }
  }
  // Records that would arrive after the end of the simulation are dropped.
  return tally;
}

/** Yields the records as lines, in order of arrival. Lines from a broken client may be invalid JSON. */
export function* simulateShop(options: ShopOptions = {}): Generator<string, ShopTally> {
  const arrivals = simulateShopArrivals(options);
  for (;;) {
    const next = arrivals.next();
    if (next.done === true) return next.value;
    yield next.value.line;
  }
}
