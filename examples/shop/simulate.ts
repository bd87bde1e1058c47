/**
 * A simulated shop: clicks, cart actions and payment attempts of some hundred customers over five months.
 *
 * SIMULATED DATA. No person and no real shop is behind it: customers come, fill carts, pay and leave by the latent
 * process in customer.ts, whose numbers were chosen so that the data look plausible (about a fifth of a week's
 * visitors do not come in the two weeks after) and so that churn can be told in advance, but not well. What a model
 * scores here says that the machinery works; it says nothing about churn in the world. The incidents in delivery.ts and options.ts are what
 * real streams suffer from, each off until it is switched on.
 *
 * Pure and streamed: the same options give the same lines, and memory holds one day.
 */
import { simulateBehaviour } from "./behaviour";
import { type Arrival, Delivery, type Fate } from "./delivery";
import { millisecondsPerDay } from "./events";
import { type ShopOptions, shopOptions } from "./options";

export type { Arrival, Fate } from "./delivery";
export type { ShopOptions } from "./options";

/** How many records of each fate were sent: what the quarantine's and the deduplication's counts must add up to. */
export type ShopTally = Record<Fate, number>;

/** The shop of the demo: from 2025-04-14 on its payment provider fails, and all else that can go wrong does, too. */
export const demoShop = {
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
 * Days worth visiting with `demoShop`: a week after the first model all is as it was; six weeks later the failing
 * payments show, and enough of what they led to is known to learn from it.
 */
export const demoShopTimeline = {
  trainAt: "2025-04-07",
  liveDays: ["2025-04-14", "2025-05-26", "2025-06-02"],
} as const;

/** The records in the order in which they arrive, late ones days after they happened. Returns the tally at the end. */
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
  // What is still on its way when the simulation ends never arrives in it.
  return tally;
}

/** The records as lines, in the order in which they arrive. A broken client's lines may be no JSON. */
export function* simulateShop(options: ShopOptions = {}): Generator<string, ShopTally> {
  const arrivals = simulateShopArrivals(options);
  for (;;) {
    const next = arrivals.next();
    if (next.done === true) return next.value;
    yield next.value.line;
  }
}
