import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { daysToCheck, evaluationOf, type FoundDay, rangeOf } from "../../../lambdas/monitor-plan/core";
import { handler } from "../../../lambdas/monitor-plan/handler";
import { addDays, daysBetween } from "../../../lambdas/shared/days";
import { makeSpec } from "../../infra/support/spec";
import { bundlePipeline } from "./bundled-pipeline";
import { spec as bundled, environment } from "./factories";
import { FakeBucket } from "./fake-bucket";

const spec = makeSpec("shop", {
  events: {
    fields: { event_id: "string", event_time: "timestamp", user_id: "string" },
    allowed_lateness_days: 3,
  },
  label: { name: "churned", horizon_days: 14 },
  monitoring: { quality: { window_days: 28 } },
});

describe("the days that a check of the quality looks at", () => {
  it("end a horizon and the allowed lateness before the newest scored day", () => {
    expect(rangeOf("2026-03-01", "2026-02-10", spec)).toEqual({ from: "2026-01-15", until: "2026-02-12" });
  });

  it("go back a window before the first day that no check has judged", () => {
    expect(rangeOf("2026-03-01", "2026-01-04", spec).from).toBe("2025-12-09");
  });

  it("never reach further back than half a year: what a check costs does not grow with history", () => {
    fc.assert(
      fc.property(fc.option(fc.integer({ min: -50, max: 2000 })), (pause) => {
        const newestJudged = pause === null ? undefined : addDays("2026-03-01", -pause);
        const { from, until } = rangeOf("2026-03-01", newestJudged, spec);
        expect(daysBetween(from, until)).toBeLessThan(184);
        expect(from <= until).toBe(true);
      }),
    );
  });
});

describe("the days to check", () => {
  const day = (as_of: string, judgedRun?: string): FoundDay => ({ as_of, run_id: `run-${as_of}`, judgedRun });
  const judged = (as_of: string) => day(as_of, `run-${as_of}`);

  it("are none if every day has been judged", () => {
    expect(daysToCheck([judged("2026-02-01"), judged("2026-02-02")], spec)).toBeUndefined();
    expect(daysToCheck([], spec)).toBeUndefined();
  });

  it("are a new day and all others of the window that ends with the newest", () => {
    const found = [judged("2026-01-05"), judged("2026-02-01"), day("2026-02-02")];
    expect(daysToCheck(found, spec)).toEqual({ since: "2026-01-06", days: found.slice(1) });
  });

  it("contain a day before the window only if it is new", () => {
    const found = [day("2026-01-02"), judged("2026-01-03"), judged("2026-02-01")];
    expect(daysToCheck(found, spec)?.days.map(({ as_of }) => as_of)).toEqual(["2026-01-02", "2026-02-01"]);
  });

  it("contain a day that was scored again by a later run", () => {
    expect(daysToCheck([day("2026-02-01", "run-of-before")], spec)?.days).toHaveLength(1);
  });
});

it("a version's evaluation is beside its baseline", () => {
  expect(evaluationOf("s3://lake/reports/shop/runs/r1/evaluation/baseline.json")).toBe(
    "s3://lake/reports/shop/runs/r1/evaluation/evaluation.json",
  );
});

describe("the handler", () => {
  const bucket = new FakeBucket();
  const lake = "s3://lake/reports/shop";

  /** A run with this version has scored a day. */
  const score = (as_of: string, version = 4, run_id = `run-${as_of}`) => {
    const scored = { run_id, as_of, drift_uri: `${lake}/scores/${run_id}/drift.json` };
    const before = bucket.json(`${lake}/scores/latest.json`) as typeof scored | undefined;
    bucket.put(`${lake}/scores/days/${as_of}.json`, scored);
    if (before === undefined || before.as_of <= as_of) bucket.put(`${lake}/scores/latest.json`, scored);
    const baseline_uri = `${lake}/runs/trained-v${version}/evaluation/baseline.json`;
    bucket.put(`${lake}/runs/${run_id}/plan.json`, { champion: { version, baseline_uri } });
  };
  const judge = (...days: string[]) => {
    for (const day of days) bucket.put(`${lake}/model-quality/days/${day}.json`, { run_id: `run-${day}` });
    bucket.put(`${lake}/model-quality/latest.json`, { newest_day: days.at(-1) });
  };
  const plan = (input: { asOf?: string } = {}) => handler({ input, version: 4 });

  beforeEach(() => {
    Object.assign(process.env, environment);
    bundlePipeline(bundled);
    bucket.reset();
  });

  it("finds nothing before a day is scored, and before its labels are known", async () => {
    expect(await plan()).toEqual({ version: 4, serving: null, quality: null });
    score("2026-01-01");
    expect(await plan()).toEqual({ version: 4, serving: null, quality: null });
  });

  it("plans the days whose labels are known, each with the version that scored it and its evaluation", async () => {
    score("2026-01-01", 3);
    score("2026-01-08");
    score("2026-01-25");
    const day = (as_of: string, version: number) => ({
      ...{ as_of, run_id: `run-${as_of}`, version, judged: false },
      evaluation_uri: `${lake}/runs/trained-v${version}/evaluation/evaluation.json`,
    });
    const quality = {
      as_of: "2026-01-25",
      since: "2025-12-12",
      days: [day("2026-01-01", 3), day("2026-01-08", 4)],
    };
    expect(await plan()).toEqual({ version: 4, serving: null, quality });
    expect((await plan({ asOf: "2026-01-08" })).quality).toBeNull();
  });

  it("plans nothing after a check, until the next labels are known", async () => {
    for (const day of ["2026-01-01", "2026-01-08", "2026-01-25"]) score(day);
    judge("2026-01-01", "2026-01-08");
    expect((await plan()).quality).toBeNull();
    score("2026-02-11");
    const days = (await plan()).quality?.days.map(({ as_of, judged }) => [as_of, judged]);
    expect(days).toEqual([
      ["2026-01-01", true],
      ["2026-01-08", true],
      ["2026-01-25", false],
    ]);
  });

  it("reads no report of a day before the window, whatever the history", async () => {
    for (let back = 0; back < 200; back++) score(addDays("2026-01-01", -back));
    judge(addDays("2026-01-01", -15));
    bucket.reads.length = 0;
    await plan();
    expect(bucket.reads.length).toBeLessThanOrEqual(3 + 3 * 28);
  });

  it("plans again a day that a later run scored again", async () => {
    score("2026-01-01");
    score("2026-01-25");
    judge("2026-01-01");
    score("2026-01-01", 4, "run-later");
    expect((await plan()).quality?.days).toMatchObject([{ run_id: "run-later", judged: false }]);
  });

  it("reports what is invalid in its event", async () => {
    await expect(handler({ input: {}, version: "4" })).rejects.toMatchObject({ name: "InvalidInput" });
  });
});
