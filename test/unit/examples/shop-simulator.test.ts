import { describe, expect, it } from "@jest/globals";
import {
  type Arrival,
  type ShopOptions,
  type ShopTally,
  simulateShop,
  simulateShopArrivals,
} from "../../../examples/shop/simulate";

const small = { users: 60, days: 40 } satisfies ShopOptions;
const dayMilliseconds = 86_400_000;

function run(options: ShopOptions): { arrivals: Arrival[]; tally: ShopTally } {
  const arrivals: Arrival[] = [];
  const simulation = simulateShopArrivals(options);
  for (;;) {
    const next = simulation.next();
    if (next.done === true) return { arrivals, tally: next.value };
    arrivals.push(next.value);
  }
}

const lines = (options: ShopOptions) => [...simulateShop(options)];
const withIncidents = (incidents: ShopOptions["incidents"]): ShopOptions => ({ ...small, incidents });
const eventsOf = (options: ShopOptions) => lines(options).map((line) => JSON.parse(line) as Record<string, unknown>);
const failedShare = (events: Record<string, unknown>[]) => {
  const payments = events.filter((event) => event.event_type === "payment" && event.payment_provider === "cardpay");
  return payments.filter((event) => event.payment_status === "failure").length / payments.length;
};

describe("the simulated shop", () => {
  it("is determined by its seed", () => {
    expect(lines({ ...small, seed: 3 })).toEqual(lines({ ...small, seed: 3 }));
    expect(lines({ ...small, seed: 3 })).not.toEqual(lines({ ...small, seed: 4 }));
  });

  it("sends all types of events in order of time with unique IDs", () => {
    const events = eventsOf(small);

    expect(new Set(events.map((event) => event.event_type))).toEqual(
      new Set(["click", "cart_add", "cart_remove", "checkout", "payment"]),
    );
    const times = events.map((event) => String(event.event_time));
    expect(times).toEqual([...times].sort());
    expect(new Set(events.map((event) => event.event_id)).size).toBe(events.length);
  });

  it("charges exactly the total of the cart", () => {
    const carts = new Map<unknown, number>();
    for (const event of eventsOf(small)) {
      const cents = carts.get(event.user_id) ?? 0;
      const price = Math.round(Number(event.price) * 100);
      if (event.event_type === "cart_add") carts.set(event.user_id, cents + price);
      if (event.event_type === "cart_remove") carts.set(event.user_id, cents - price);
      if (event.event_type !== "payment") continue;
      expect(Math.round(Number(event.amount) * 100)).toBe(cents);
      if (event.payment_status === "success") carts.set(event.user_id, 0);
    }
    expect(carts.size).toBeGreaterThan(20);
  });

  it("gains and loses customers at about the same rate", () => {
    const events = eventsOf({ users: 300, days: 80 });
    const active = (from: number, to: number) =>
      new Set(
        events
          .filter(({ event_time }) => {
            const day = (Date.parse(String(event_time)) - Date.parse("2025-01-06T00:00:00Z")) / dayMilliseconds;
            return day >= from && day < to;
          })
          .map((event) => event.user_id),
      );
    const [early, late] = [active(7, 21), active(66, 80)];

    expect(late.size / early.size).toBeGreaterThan(0.75);
    expect(late.size / early.size).toBeLessThan(1.35);
    expect([...early].filter((user) => !late.has(user)).length).toBeGreaterThan(30);
  });

  it("has no incidents by default", () => {
    const { arrivals, tally } = run(small);

    expect(tally).toEqual({
      clean: arrivals.length,
      late: 0,
      duplicate: 0,
      not_json: 0,
      missing_field: 0,
      wrong_type: 0,
      future: 0,
      huge: 0,
    });
  });

  it("rejects unknown options by name", () => {
    expect(() => lines({ incidents: { drfit: {} } } as ShopOptions)).toThrow(/drfit/);
  });
});

describe("incidents", () => {
  const usual = run(small);
  const usualLines = new Set(usual.arrivals.map(({ line }) => line));

  it("do not change the other records", () => {
    const { arrivals } = run(
      withIncidents({ broken_client: { from_day: 0 }, duplicates: {}, late: {}, future: {}, huge: {} }),
    );
    const untouched = arrivals.filter(({ fate }) => fate === "clean" || fate === "late" || fate === "duplicate");

    expect(untouched.every(({ line }) => usualLines.has(line))).toBe(true);
    expect(untouched.length).toBeGreaterThan(usual.arrivals.length * 0.9);
  });

  it("make payments fail and prices rise from the first day of drift", () => {
    const drifted = lines(withIncidents({ drift: { from_day: 20, failure_rate: 0.8, price_factor: 2 } }));
    const start = new Date(Date.parse("2025-01-06T00:00:00Z") + 20 * dayMilliseconds).toISOString();
    const isBefore = (line: string) => String(JSON.parse(line).event_time) < start;
    const parsed = (chosen: string[]) => chosen.map((line) => JSON.parse(line) as Record<string, unknown>);
    const before = drifted.filter(isBefore);
    const after = drifted.filter((line) => !isBefore(line));

    expect(before).toEqual(usual.arrivals.map(({ line }) => line).filter(isBefore));
    expect(failedShare(parsed(before))).toBeLessThan(0.2);
    expect(failedShare(parsed(after))).toBeGreaterThan(0.5);
  });

  it("make the broken client send invalid records during its period only", () => {
    const { arrivals, tally } = run(withIncidents({ broken_client: { from_day: 10, to_day: 20, share: 1 } }));
    const broken = arrivals.filter(({ fate }) => fate !== "clean");
    const from = Date.parse("2025-01-16T00:00:00Z");

    expect(tally.not_json + tally.missing_field + tally.wrong_type).toBe(broken.length);
    expect(Math.min(tally.not_json, tally.missing_field, tally.wrong_type)).toBeGreaterThan(0);
    expect(broken.every(({ arrivedAt }) => arrivedAt >= from && arrivedAt < from + 10 * dayMilliseconds)).toBe(true);
    for (const { line, fate } of broken) {
      if (fate === "not_json") expect(() => JSON.parse(line)).toThrow();
      if (fate === "missing_field") expect(JSON.parse(line)).not.toHaveProperty("user_id");
      if (fate === "wrong_type") expect(JSON.parse(line).event_time).toBe("yesterday");
    }
  });

  it("send duplicates after the original record", () => {
    const { arrivals, tally } = run(withIncidents({ duplicates: { share: 0.5 } }));
    const first = new Map(arrivals.filter(({ fate }) => fate === "clean").map((each) => [each.line, each.arrivedAt]));
    const repeats = arrivals.filter(({ fate }) => fate === "duplicate");

    expect(tally.clean).toBe(usual.arrivals.length);
    expect(repeats.length).toBe(tally.duplicate);
    expect(tally.duplicate / tally.clean).toBeCloseTo(0.5, 1);
    expect(repeats.every(({ line, arrivedAt }) => arrivedAt > (first.get(line) ?? Number.NaN))).toBe(true);
  });

  it("delay late records by up to max_days and keep the stream in order of arrival", () => {
    const { arrivals, tally } = run(withIncidents({ late: { share: 0.3, max_days: 10 } }));
    const delays = arrivals
      .filter(({ fate }) => fate === "late")
      .map(({ line, arrivedAt }) => arrivedAt - Date.parse(JSON.parse(line).event_time));

    expect(delays.length).toBe(tally.late);
    expect(Math.max(...delays)).toBeGreaterThan(5 * dayMilliseconds);
    expect(Math.max(...delays)).toBeLessThanOrEqual(10 * dayMilliseconds);
    const times = arrivals.map(({ arrivedAt }) => arrivedAt);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  it("send event times a century ahead and records above 100,000 bytes", () => {
    const { arrivals, tally } = run(withIncidents({ future: { share: 0.05 }, huge: { share: 0.05, bytes: 100_000 } }));
    const future = arrivals.find(({ fate }) => fate === "future");
    const huge = arrivals.find(({ fate }) => fate === "huge");

    expect(Math.min(tally.future, tally.huge)).toBeGreaterThan(10);
    expect(String(JSON.parse(future?.line ?? "{}").event_time)).toMatch(/^212/);
    expect(huge?.line.length).toBeGreaterThan(100_000);
  });
});
