import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { daysBetween, nextLiveDay, planTimeline, timeOfDay } from "../../../cli/demo/timeline";
import { addDays } from "../../../lambdas/shared/days";
import { pipelineSchema } from "../../../spec/pipeline";

const horizon = (days: number, every: number) => ({
  label: { name: "churned", horizon_days: days, description: "" },
  training: pipelineSchema.shape.training.parse({ cutoff_every_days: every }),
});
const range = (from: string, to: string) => ({ first: timeOfDay(from), last: timeOfDay(to) });

describe("planTimeline", () => {
  test("CDNOW's 18 months: trains after 40 %, checks for drift after a week, then every four weeks", () => {
    expect(planTimeline(range("1997-01-01", "1998-06-30"), horizon(28, 7))).toEqual({
      trainAt: "1997-08-07",
      lastDay: "1998-07-01",
      everyDays: 28,
      firstLookDays: 7,
    });
  });

  test("two months of data: checks every few days", () => {
    const timeline = planTimeline(range("2026-03-01", "2026-04-29"), horizon(7, 3));
    expect(timeline).toEqual({ trainAt: "2026-03-25", lastDay: "2026-04-30", everyDays: 3, firstLookDays: 3 });
  });

  test("uses an example's own days", () => {
    const days = { trainAt: "1997-08-04", liveDays: ["1997-08-11", "1997-11-03"] };
    expect(planTimeline(range("1997-01-01", "1998-06-30"), horizon(28, 7), days)).toMatchObject(days);
  });

  test("rejects a history that is too short and says how long it must be", () => {
    expect(() => planTimeline(range("2026-03-01", "2026-03-30"), horizon(28, 7))).toThrow(
      /spans 30 days \(2026-03-01 to 2026-03-31\); this pipeline needs at least 56/,
    );
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
          fc.pre(days >= label + 4 * every);
          const timeline = planTimeline(data, spec);
          expect(daysBetween("2020-01-01", timeline.trainAt)).toBeGreaterThanOrEqual(label + 4 * every);
          expect(timeline.trainAt <= timeline.lastDay).toBe(true);
          let day: string | undefined = timeline.trainAt;
          for (let looks = 0; day !== undefined && looks < 100; looks += 1) {
            const next = nextLiveDay(timeline, day, looks, looks === 0);
            if (next !== undefined) expect(next > day && next <= timeline.lastDay).toBe(true);
            day = next;
          }
          expect(day).toBeUndefined();
        },
      ),
    );
  });
});
