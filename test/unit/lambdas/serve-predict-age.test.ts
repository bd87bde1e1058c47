/** To which day the age of features is counted, and from which age on a prediction is refused. */
import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { ageOf, type OnlineState, presentDay } from "../../../lambdas/serve-predict/age";
import { addDays } from "../../../lambdas/shared/days";
import { remembered } from "../../../lambdas/shared/remembered";
import { spec } from "./factories";

const day = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays("1990-01-01", days));
const noon = (text: string) => new Date(`${text}T12:00:00Z`);
const putOn = (online: string, at: string): OnlineState => ({ online, online_at: noon(at).toISOString() });

describe("the day to which age is counted", () => {
  it("is today for a pipeline that computes each day on that day, or a day late", () => {
    const today = noon("2026-03-20");
    expect(presentDay(putOn("2026-03-10", "2026-03-10"), "UTC", today)).toBe("2026-03-20");
    expect(presentDay(putOn("2026-03-10", "2026-03-11"), "UTC", today)).toBe("2026-03-20");
  });

  it("is the newest computed day in a replay, whatever the clock says", () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 2, max: 9000 }), fc.integer({ min: 0, max: 9000 }), (online, late, after) => {
        const at = addDays(online, late);
        expect(presentDay(putOn(online, at), "UTC", noon(addDays(at, after)))).toBe(online);
      }),
    );
  });

  it("is an as-of day that a run at this moment would have, in time zones on both sides of UTC", () => {
    const state = putOn("2026-03-10", "2026-03-10");
    expect(presentDay(state, "Pacific/Auckland", new Date("2026-03-11T13:00:00Z"))).toBe("2026-03-11");
    expect(presentDay(state, "America/Los_Angeles", new Date("2026-03-12T03:00:00Z"))).toBe("2026-03-11");
  });

  it("is unknown before the first run, and the newest day without the time at which it was put", () => {
    expect(presentDay({ online: null, online_at: null }, "UTC", noon("2026-03-10"))).toBeUndefined();
    expect(presentDay({ online: "2026-03-10", online_at: null }, "UTC", noon("2026-04-10"))).toBe("2026-03-10");
  });
});

describe("the age of features", () => {
  const live = putOn("2026-03-10", "2026-03-10");
  const age = (asOf: string, state: OnlineState, now: string, most = 2) =>
    ageOf(
      `${asOf}T00:00:00Z`,
      "c1",
      { ...spec, serving: { ...spec.serving, max_feature_age_days: most } },
      state,
      noon(now),
    );

  it("may reach the limit, in whole days, and not exceed it", () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), (asOf, days, most) => {
        const state = putOn(addDays(asOf, days), addDays(asOf, days));
        const asked = () => age(asOf, state, addDays(asOf, days), most);
        if (days <= most) expect(asked()).toBe(days);
        else expect(asked).toThrow(`${days} days before`);
      }),
    );
  });

  it("of a record that a run has just put is 0, although the run has not finished", () => {
    expect(age("1997-12-08", putOn("1997-12-01", "2026-03-10"), "2026-03-10")).toBe(0);
  });

  it("explains an entity that is no longer selected", () => {
    expect(() => age("1997-09-01", putOn("1997-12-01", "2026-03-10"), "2026-03-10")).toThrow(
      'the features of "c1" are of 1997-09-01, 91 days before 1997-12-01; serving.max_feature_age_days is 2. It is not among the entities that features.sql selects for 1997-12-01, the newest computed day',
    );
  });

  it("explains runs that have stopped", () => {
    expect(age("2026-03-10", live, "2026-03-12")).toBe(2);
    expect(() => age("2026-03-10", live, "2026-03-13")).toThrow(
      "3 days before 2026-03-13; serving.max_feature_age_days is 2. No run has computed newer ones for any customer_id: see npx daybreak runs shop.",
    );
  });

  it("is unknown for a record without a time", () => {
    expect(ageOf(null, "c1", spec, live, noon("2030-01-01"))).toBeUndefined();
  });
});

describe("a remembered read", () => {
  let clock: number;
  const read = jest.fn<() => Promise<string>>();
  const failures: unknown[] = [];
  const start = () =>
    remembered(
      read,
      (error) => failures.push(error),
      () => clock,
    );
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  beforeEach(() => {
    clock = 0;
    read.mockReset();
    failures.length = 0;
  });

  it("is waited for once; later ones happen while the last result is used", async () => {
    const get = start();
    read.mockResolvedValueOnce("a").mockResolvedValueOnce("b");
    const seen: string[] = [];
    for (const now of [0, 9_999, 10_000, 10_001]) {
      clock = now;
      seen.push(await get());
      await settled();
    }
    expect(seen).toEqual(["a", "a", "a", "b"]);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it("is waited for after a minute without calls", async () => {
    const get = start();
    read.mockResolvedValueOnce("a").mockResolvedValueOnce("b");
    await get();
    clock = 60_000;
    expect(await get()).toBe("b");
  });

  it("that fails leaves the last result in use, and is tried again by the next call", async () => {
    const get = start();
    read.mockRejectedValueOnce(new Error("busy"));
    await expect(get()).rejects.toThrow("busy");
    read.mockResolvedValueOnce("a").mockRejectedValueOnce(new Error("again")).mockResolvedValueOnce("b");
    await get();
    clock = 70_000;
    expect(await get()).toBe("a");
    expect(failures).toEqual([new Error("again")]);
    expect(await get()).toBe("b");
  });

  it("is not started twice at the same time", async () => {
    const get = start();
    read.mockResolvedValue("a");
    expect(await Promise.all([get(), get()])).toEqual(["a", "a"]);
    expect(read).toHaveBeenCalledTimes(1);
  });
});
