/** To which day the age of features is counted, and from which age on a prediction is refused. */
import { describe, expect, it, jest } from "@jest/globals";
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
  it("is repeated after ten seconds, and keeps its last result when it fails", async () => {
    let clock = 0;
    const read = jest.fn<() => Promise<string>>();
    const failures: unknown[] = [];
    const get = remembered(
      read,
      (error) => failures.push(error),
      () => clock,
    );
    read.mockRejectedValueOnce(new Error("busy"));
    await expect(get()).rejects.toThrow("busy");
    read.mockResolvedValueOnce("a").mockRejectedValueOnce(new Error("again")).mockResolvedValueOnce("b");
    const seen: string[] = [];
    for (const now of [0, 9_999, 10_000, 19_999, 20_000]) {
      clock = now;
      seen.push(await get());
    }
    expect(seen).toEqual(["a", "a", "a", "a", "b"]);
    expect(failures).toEqual([new Error("again")]);
    expect(read).toHaveBeenCalledTimes(4);
  });
});
