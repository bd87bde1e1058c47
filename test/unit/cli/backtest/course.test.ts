import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { follow, type Judge, type Served } from "../../../../cli/backtest/course";
import { type Policy, policies, scheduledBetween } from "../../../../cli/backtest/policies";
import { addDays } from "../../../../lambdas/shared/days";
import { spec } from "../../lambdas/factories";

const policy = (name: Policy["name"]): Policy => {
  const found = policies.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

/** Mondays from 6 January 1997 on. */
const mondays = (count: number) => Array.from({ length: count }, (_, week) => addDays("1997-01-06", 7 * week));

interface Fake {
  notEnough?: (day: string) => boolean;
  passes?: (day: string, champion: string | undefined) => boolean;
  best?: (day: string) => string | undefined;
  drifts?: (version: string, day: string) => boolean;
  broken?: (day: string, served: readonly Served[]) => boolean;
  onset?: string | undefined;
}

function judge({ notEnough, passes, best, drifts, broken, onset }: Fake): Judge & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    train: async (day) => {
      asked.push(`train ${day}`);
      return notEnough?.(day) === true
        ? { outcome: "not_enough_history", detail: "too few rows" }
        : { outcome: "trained", detail: "40 trees" };
    },
    gate: async (day, champion, floor) => {
      asked.push(`gate ${day} ${champion ?? "none"}${floor === undefined ? "" : ` ${floor}`}`);
      const passed = passes?.(day, champion) ?? true;
      const verdict = [{ rule: "auc", expected: "at least 0.6", actual: 0.7, passed }];
      return { passed, verdict, best: best?.(day) ?? day };
    },
    drift: async (version, day) => ({
      alarm: drifts?.(version, day) ?? false,
      reason: "the scores drifted",
      onset: null,
    }),
    quality: async (day, served) => {
      const alarm = broken?.(day, served) ?? false;
      return { alarm, reason: "AUC below the promise", onset: alarm ? (onset ?? day) : null };
    },
  };
}

describe("the course of a policy", () => {
  test("a day's rows are scored before a model is trained: it serves from the next as-of day on", async () => {
    const days = mondays(4);
    const { served, trainings } = await follow(policy("never"), days, judge({}), spec);
    expect(trainings.map(({ as_of, outcome }) => [as_of, outcome])).toEqual([[days[0], "accepted"]]);
    expect(served).toEqual(days.slice(1).map((as_of) => ({ as_of, version: days[0] })));
  });

  test("until a model is accepted, every policy trains on each day", async () => {
    const days = mondays(5);
    const fake = { notEnough: (day: string) => day < (days[2] ?? ""), passes: (day: string) => day !== days[2] };
    for (const one of policies) {
      const { trainings, served } = await follow(one, days, judge(fake), spec);
      expect(trainings.slice(0, 4).map(({ outcome }) => outcome)).toEqual([
        "not_enough_history",
        "not_enough_history",
        "refused",
        "accepted",
      ]);
      expect(served[0]).toEqual({ as_of: days[4], version: days[3] });
    }
  });

  test("a refused model does not serve, and the next one is compared with the serving version", async () => {
    const days = mondays(4);
    const asking = judge({ passes: (day) => day !== days[1] });
    const { served, trainings } = await follow(policy("weekly"), days, asking, spec);
    expect(served.map(({ version }) => version)).toEqual([days[0], days[0], days[2]]);
    expect(trainings[1]).toMatchObject({ outcome: "refused", detail: "failed: auc", reason: "scheduled" });
    expect(asking.asked).toContain(`gate ${days[2]} ${days[0]}`);
  });

  test("a drift starts a training once two of its as-of days have a known label, even if it is over by then", async () => {
    const days = mondays(12);
    const drifts = (_: string, day: string) => day === days[3];
    const { trainings, scheduledTrainings, served } = await follow(policy("on-drift"), days, judge({ drifts }), spec);
    // The label of the as-of day 4 is known after its horizon of 14 days and the days in which events may arrive late.
    expect(trainings.map(({ as_of, reason }) => [as_of, reason])).toEqual([
      [days[0], "no model serves yet"],
      [days[7], "the scores drifted"],
    ]);
    expect(scheduledTrainings).toBe(1);
    expect(served.at(-1)).toEqual({ as_of: days[11], version: days[7] });
  });

  test("an alarm that goes on starts one training, even if the gate refuses it", async () => {
    const days = mondays(14);
    const asking = judge({ drifts: () => true, passes: (day) => day === days[0] });
    const { trainings } = await follow(policy("on-drift"), days, asking, spec);
    expect(trainings.map(({ outcome }) => outcome)).toEqual(["accepted", "refused"]);
  });

  test("a broken promise starts a training as in the cloud: once two of the days since its onset have a known label", async () => {
    const days = mondays(8);
    const broken = (day: string, served: readonly Served[]) =>
      day >= (days[4] ?? "") && served.at(-1)?.version === days[0];
    const trainedOn = async (onset: string | undefined) => {
      const { trainings } = await follow(policy("on-quality"), days, judge({ broken, onset }), spec);
      return trainings.map(({ as_of }) => as_of);
    };
    // The label of a day is known three weeks later.
    expect(await trainedOn(days[0])).toEqual([days[0], days[4]]);
    expect(await trainedOn(days[1])).toEqual([days[0], days[5]]);
  });

  test("the best version so far stays the floor until one is better by more than chance", async () => {
    const days = mondays(5);
    const best = (day: string) => (day < (days[3] ?? "") ? days[0] : day);
    const asking = judge({ best });
    await follow(policy("weekly"), days, asking, spec);
    expect(asking.asked.filter((question) => question.startsWith("gate"))).toEqual([
      `gate ${days[0]} none`,
      `gate ${days[1]} ${days[0]}`,
      `gate ${days[2]} ${days[1]} ${days[0]}`,
      `gate ${days[3]} ${days[2]} ${days[0]}`,
      `gate ${days[4]} ${days[3]}`,
    ]);
  });

  test("nothing that a judge says of a later day changes what was decided before", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...policies),
        fc.func(fc.boolean()),
        fc.func(fc.boolean()),
        fc.integer({ min: 1, max: 19 }),
        async (one, now, later, at) => {
          const days = mondays(20);
          const border = days[at] ?? "";
          const answer = (changed: boolean) => (day: string) => (changed && day > border ? later(day) : now(day));
          const courseOf = (changed: boolean) => {
            const said = answer(changed);
            const fake = { passes: said, drifts: (_: string, day: string) => said(day), broken: said };
            return follow(one, days, judge(fake), spec);
          };
          const [course, other] = [await courseOf(false), await courseOf(true)];
          const before = ({ as_of }: { as_of: string }) => as_of <= border;
          expect(other.trainings.filter(before)).toEqual(course.trainings.filter(before));
          expect(other.served.filter(before)).toEqual(course.served.filter(before));
        },
      ),
    );
  });

  test("quality is judged on what has been served up to that day", async () => {
    const days = mondays(4);
    const seen: number[] = [];
    const broken = (_: string, served: readonly Served[]) => {
      seen.push(served.length);
      return false;
    };
    await follow(policy("on-quality"), days, judge({ broken }), spec);
    expect(seen).toEqual([1, 2, 3]);
  });

  test("every day after the first accepted model has exactly one version, trained before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...policies),
        fc.array(fc.boolean(), { minLength: 2, maxLength: 20 }),
        fc.func(fc.boolean()),
        async (one, accepted, drifts) => {
          const days = mondays(accepted.length);
          const { served, trainings } = await follow(
            one,
            days,
            judge({ passes: (day) => accepted[days.indexOf(day)] ?? false, drifts }),
            spec,
          );
          const first = trainings.find(({ outcome }) => outcome === "accepted")?.as_of;
          expect(served.map(({ as_of }) => as_of)).toEqual(
            first === undefined ? [] : days.filter((day) => day > first),
          );
          for (const { as_of, version } of served) expect(version < as_of).toBe(true);
        },
      ),
    );
  });
});

describe("scheduled trainings", () => {
  test.each([
    ["never", "1997-01-01", "1997-12-31", 0],
    ["monthly", "1997-01-01", "1997-12-31", 11],
    ["weekly", "1997-01-06", "1997-01-20", 2],
    ["daily", "1997-01-06", "1997-01-13", 7],
    ["on-drift", "1997-01-06", "1997-01-13", 0],
  ] as const)("%s after %s up to %s: %d", (name, after, upTo, expected) => {
    expect(scheduledBetween(policy(name), after, upTo)).toBe(expected);
  });
});
