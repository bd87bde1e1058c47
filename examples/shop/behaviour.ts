/** Simulates the customers' visits day by day. The events of a day are sorted by time. */
import { Customer, type Surroundings, usualFailureRate } from "./customer";
import { millisecondsPerDay, type ShopEvent } from "./events";
import { isDuring, type ResolvedShopOptions } from "./options";
import { type Random, randomStream } from "./random";

/** One simulated day. */
export interface ShopDay {
  /** Days since the start. */
  number: number;
  /** Midnight UTC, milliseconds since 1970. */
  startsAt: number;
  events: ShopEvent[];
}

/** New customers per day as a share of the initial customers. About as many leave, so the total stays roughly constant. */
const arrivalShare = 0.024;

/** Yields one simulated day after the other. Memory holds only the customers and the current day. */
export function* simulateBehaviour(options: ResolvedShopOptions): Generator<ShopDay> {
  const arrivals = randomStream(options.seed, "arrivals");
  let created = 0;
  const newCustomer = () => {
    created += 1;
    const id = `user-${String(created).padStart(6, "0")}`;
    return new Customer(id, randomStream(options.seed, id));
  };
  let customers = Array.from({ length: options.users }, newCustomer);
  const firstDay = Date.parse(`${options.start}T00:00:00Z`);
  for (let number = 0; number < options.days; number += 1) {
    const startsAt = firstDay + number * millisecondsPerDay;
    const surroundings = surroundingsOn(number, options);
    for (let arriving = arrivals.poisson(options.users * arrivalShare); arriving > 0; arriving -= 1) {
      customers.push(newCustomer());
    }
    const events: ShopEvent[] = [];
    const staying: Customer[] = [];
    for (const customer of customers) {
      const clock = randomStream(options.seed, `${customer.id}/${number}`);
      visitOn({ number, startsAt }, customer, surroundings, clock, events);
      if (customer.passDay(number)) staying.push(customer);
    }
    customers = staying;
    events.sort(byTime);
    yield { number, startsAt, events };
  }
}

function surroundingsOn(day: number, { incidents }: ResolvedShopOptions): Surroundings {
  return incidents.drift !== undefined && isDuring(incidents.drift, day)
    ? { cardpayFailureRate: incidents.drift.failure_rate, priceFactor: incidents.drift.price_factor }
    : { cardpayFailureRate: usualFailureRate, priceFactor: 1 };
}

function visitOn(
  day: { number: number; startsAt: number },
  customer: Customer,
  surroundings: Surroundings,
  clock: Random,
  events: ShopEvent[],
): void {
  const weekday = new Date(day.startsAt).getUTCDay();
  const visits = customer.visits(weekday === 0 || weekday === 6);
  // Between 6:00 and 23:00. The mean of two uniform draws peaks in the early afternoon.
  const starts = Array.from({ length: visits }, () => 6 + ((clock.next() + clock.next()) / 2) * 17).sort(
    (one, other) => one - other,
  );
  let at = day.startsAt;
  for (const hour of starts) {
    const session_id = `${customer.id}-s${customer.nextSession()}`;
    // Visits must not overlap: items are added to the cart before it is paid.
    at = Math.max(at + 60_000, day.startsAt + hour * 3_600_000);
    let position = 0;
    for (const action of customer.session(day.number, surroundings)) {
      position += 1;
      at += 5_000 + clock.next() * 55_000;
      events.push({
        event_id: `${session_id}-${position}`,
        event_time: new Date(Math.floor(at)).toISOString(),
        user_id: customer.id,
        session_id,
        device: customer.device,
        ...action,
      });
    }
  }
}

function byTime(one: ShopEvent, other: ShopEvent): number {
  if (one.event_time !== other.event_time) return one.event_time < other.event_time ? -1 : 1;
  return one.event_id < other.event_id ? -1 : one.event_id > other.event_id ? 1 : 0;
}
