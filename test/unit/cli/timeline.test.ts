import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { dayOf, daysBetween, nextLiveDay, planTimeline, rangeOf, timeOfDay } from "../../../cli/demo/timeline";
import { addDays } from "../../../lambdas/shared/days";
import { leastDataDays } from "../../../spec/history";
import { pipelineSchema } from "../../../spec/pipeline";

const horizon = (days: number, every: number, lateness = 0) => ({
  label: { name: "churned", horizon_days: days, description: "" },
  events: pipelineSchema.shape.events.parse({ fields: {}, allowed_lateness_days: lateness }),
  training: pipelineSchema.shape.training.parse({ cutoff_every_days: every, incomplete_windows: "keep" }),
  features: { window_days: 180, columns: {} },
});
const range = (from: string, to: string) => ({ first: timeOfDay(from), last: timeOfDay(to) });

describe("planTimeline", () => {
  test("CDNOW's 18 months: trains after 40 %, checks for drift after a week, then every four weeks", () => {
    expect(planTimeline(range("1997-01-01", "1998-06-30"), horizon(28, 7))).toEqual({
      trainAt: "1997-08-07",
      lastDay: "1998-07-01",
      everyDays: 28,
      firstCheckDays: 7,
    });
  });

  test("two months of data: checks every few days", () => {
    const timeline = planTimeline(range("2026-03-01", "2026-04-29"), horizon(7, 3));
    expect(timeline).toEqual({ trainAt: "2026-03-25", lastDay: "2026-04-30", everyDays: 3, firstCheckDays: 3 });
  });

  test("uses an example's own days", () => {
    const days = { trainAt: "1997-08-04", liveDays: ["1997-08-11", "1997-11-03"] };
    expect(planTimeline(range("1997-01-01", "1998-06-30"), horizon(28, 7), days)).toMatchObject(days);
  });

  test("rejects a history that is too short and says how long it must be", () => {
    expect(() => planTimeline(range("2026-03-01", "2026-03-30"), horizon(28, 7))).toThrow(
      /spans 30 days \(2026-03-01 to 2026-03-31\); this pipeline needs at least 63/,
    );
    expect(() => planTimeline(range("2026-03-01", "2026-04-25"), horizon(28, 7, 3))).toThrow(/needs at least 70/);
  });

  test("waits for a whole window before the first as-of day, unless incomplete windows are kept", () => {
    const spec = horizon(28, 7);
    const whole = { ...spec, training: { ...spec.training, incomplete_windows: "drop" as const } };
    const data = range("1997-01-01", "1998-06-30");
    expect(planTimeline(data, spec).trainAt).toBe("1997-08-07");
    // 180 + 63 days.
    expect(planTimeline(data, whole).trainAt).toBe("1997-09-01");
  });

  test("training is within the data and after enough history; every drift check is after training and within the data", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 2000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 30 }),
        (days, label, every) => {
          const spec = horizon(label, every);
          const data = range("2020-01-01", addDays("2020-01-01", days - 1));
          const needed = leastDataDays(spec);
          fc.pre(days >= needed);
          const timeline = planTimeline(data, spec);
          expect(daysBetween("2020-01-01", timeline.trainAt)).toBeGreaterThanOrEqual(needed);
          expect(timeline.trainAt <= timeline.lastDay).toBe(true);
          let day: string | undefined = timeline.trainAt;
          for (let checks = 0; day !== undefined && checks < 100; checks += 1) {
            const next = nextLiveDay(timeline, day, checks, checks === 0);
            if (next !== undefined) expect(next > day && next <= timeline.lastDay).toBe(true);
            day = next;
          }
          expect(day).toBeUndefined();
        },
      ),
    );
  });
});

describe("a given number of drift checks", () => {
  test("spreads them evenly over the data after the first training, in whole weeks", () => {
    const data = range("2025-01-06", "2025-06-08");
    const timeline = planTimeline(data, horizon(14, 7), undefined, 3);
    expect(timeline).toMatchObject({ trainAt: "2025-03-09", liveDays: ["2025-04-06", "2025-05-04", "2025-06-01"] });
  });

  test("keeps the first training of an example", () => {
    const days = { trainAt: "1997-08-04", liveDays: ["1997-08-11"] };
    const timeline = planTimeline(range("1997-01-01", "1998-06-30"), horizon(28, 7), days, 2);
    expect(timeline).toMatchObject({ trainAt: "1997-08-04", liveDays: ["1998-01-12", "1998-06-22"] });
  });

  test("keeps them within the data, at most one a day", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 900 }), fc.integer({ min: 1, max: 25 }), (days, checks) => {
        const timeline = planTimeline(
          range("2020-01-01", addDays("2020-01-01", days - 1)),
          horizon(7, 7),
          undefined,
          checks,
        );
        const live = timeline.liveDays ?? [];
        expect(new Set(live).size).toBe(checks);
        expect([...live].sort()).toEqual(live);
        expect(timeline.trainAt < (live[0] ?? "") && (live.at(-1) ?? "") <= timeline.lastDay).toBe(true);
      }),
    );
    expect(() => planTimeline(range("2025-01-06", "2025-03-08"), horizon(14, 7), undefined, 500)).toThrow(
      /--checks 500: the data has 27 days after the first training \(2025-02-10 to 2025-03-09\)[\s\S]*from 1 to 27/,
    );
  });
});

describe("rangeOf", () => {
  const at = (day: string, hour = 12) => timeOfDay(day) + hour * 3_600_000;
  const year = Array.from({ length: 365 }, (_, day) => at(addDays("2025-01-01", day)));

  test("leaves out times that are far from all others", () => {
    const stray = [0, at("1980-01-06"), at("2000-01-01"), at("2049-01-01")];
    const found = rangeOf([...stray, ...year]);
    expect([dayOf(found.first), dayOf(found.last), found.outside]).toEqual(["2025-01-01", "2025-12-31", 4]);
    const { trainAt } = planTimeline(found, horizon(28, 7));
    expect(trainAt).toBe("2025-05-27");
  });

  test("is not affected by a day with most of the events", () => {
    const rush = Array.from({ length: 10_000 }, () => at("2025-11-28"));
    expect(rangeOf([...rush, ...year])).toEqual({ first: year[0], last: year.at(-1), outside: 0 });
  });

  test("contains every event of data without large gaps", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 8, maxLength: 300 }), (gaps) => {
        let day = "2020-01-01";
        const times = gaps.map((gap) => {
          day = addDays(day, gap);
          return at(day);
        });
        expect(rangeOf(times)).toEqual({ first: times[0], last: times.at(-1), outside: 0 });
      }),
    );
  });
});
