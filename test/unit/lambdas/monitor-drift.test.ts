import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import type { DriftReport } from "../../../contracts/drift-report";
import type { ScoreDrift } from "../../../contracts/score-drift";
import { judgeDrift } from "../../../lambdas/monitor-drift/core";
import { handler } from "../../../lambdas/monitor-drift/handler";
import { driftMetrics } from "../../../lambdas/monitor-drift/metrics";
import { featureOf, scoreOf } from "../drift-fixture";
import { bundlePipeline } from "./bundled-pipeline";
import { driftReport, environment, planEvent, spec } from "./factories";
import { FakeBucket } from "./fake-bucket";
import { sagemaker, serve, serveNothing } from "./fake-endpoint";

const scored = (changes: Partial<ScoreDrift> = {}): ScoreDrift => ({
  ...{ run_id: "run-9", as_of: "2026-03-10", version: 4, rows: 400, status: "stable" },
  ...{ features: { spend: featureOf(0.4), clicks: featureOf(0.1) }, score: scoreOf(0.2) },
  ...changes,
});
const drifted = scored({ status: "drift", reason: "1 drifted: spend", features: { spend: featureOf(3) } });

describe("the check", () => {
  const judge = (drift: ScoreDrift, latest?: Partial<DriftReport>, version: number | null = 4) =>
    judgeDrift(drift, {
      ...{ version, asOf: drift.as_of, checkedAt: new Date("2026-03-10T06:00:00Z") },
      latest: latest && driftReport({ version: 4, checked_run: "run-8", ...latest }),
    });

  it("takes over what the score stage found", () => {
    expect(judge(drifted)).toEqual({
      status: "drift",
      reason: "1 drifted: spend",
      run_id: "run-9",
      as_of: "2026-03-10",
      version: 4,
      rows: 400,
      features: drifted.features,
      score: drifted.score,
      drifting_since: "2026-03-10",
      checked_run: "run-9",
      checked_at: "2026-03-10T06:00:00.000Z",
    });
    expect(judge(scored())).toMatchObject({ status: "stable", drifting_since: null });
    expect(judge(scored())).not.toHaveProperty("reason");
  });

  it("is skipped, not stable, if another version scored the day, or none is serving", () => {
    const ofThree = scored({ version: 3 });
    expect(judge(ofThree)).toMatchObject({
      status: "skipped",
      reason: "v3 scored 2026-03-10, and v4 is serving",
      features: {},
      score: null,
    });
    expect(judge(ofThree, undefined, null).reason).toBe("v3 scored 2026-03-10, and none is serving");
  });

  it("makes no second result of one run's scores", () => {
    const again = judge(drifted, { checked_run: "run-9", drifting_since: "2026-03-08" });
    expect(again).toMatchObject({
      status: "skipped",
      reason: "no day was scored since the check of 2026-03-10 (2026-03-10T06:00:00.000Z)",
      checked_run: "run-9",
      drifting_since: "2026-03-08",
    });
  });

  it("dates an episode from the first of the consecutive checks of a version that found drift", () => {
    const status = fc.constantFrom("drift" as const, "stable" as const, "skipped" as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(status, fc.constantFrom(4, 5)), { maxLength: 20 }), (days) => {
        let latest: DriftReport | undefined;
        let since: string | null = null;
        let before: number | undefined;
        for (const [position, [found, version]] of days.entries()) {
          const asOf = new Date(Date.UTC(2026, 2, 1 + position)).toISOString().slice(0, 10);
          if (version !== before) since = null;
          if (found === "stable") since = null;
          if (found === "drift") since ??= asOf;
          before = version;
          latest = judgeDrift(scored({ status: found, as_of: asOf, run_id: `run-${position}`, version }), {
            ...{ version, asOf, checkedAt: new Date(), latest },
          });
          expect(latest.drifting_since).toBe(since);
        }
      }),
    );
  });
});

describe("the metrics", () => {
  const put = new Date("2026-03-10T06:10:00Z");
  const value = (report: DriftReport, name: string) =>
    driftMetrics(report, "dev", "shop", put)
      .filter((point) => point.MetricName === name)
      .map((point) => point.Value);

  it("have the environment and the pipeline as dimensions and, for each feature, its name", () => {
    const report = driftReport();
    expect(value(report, "FeatureDrift")).toEqual([7, 7, 3, 0]);
    expect(value(report, "ScoreDrift")).toEqual([0.5]);
    expect(value(report, "ScoredRows")).toEqual([500]);
    const points = driftMetrics(report, "dev", "shop", put);
    expect(points[2]?.Dimensions).toEqual([
      { Name: "Environment", Value: "dev" },
      { Name: "Pipeline", Value: "shop" },
    ]);
    expect(points.at(-1)?.Dimensions?.at(-1)).toEqual({ Name: "Feature", Value: "device" });
  });

  it("of all features leave out what the model does not use, so that it raises no alarm", () => {
    const unused = featureOf(9, { importance: 0, drifted: false, informs: true });
    expect(value(driftReport({ features: { unused, spend: featureOf(0.2) } }), "FeatureDrift")).toEqual([0.2, 9, 0.2]);
    expect(value(driftReport({ features: { unused } }), "FeatureDrift")[0]).toBe(0);
  });

  it("of a skipped check do not include drift", () => {
    const points = driftMetrics(driftReport({ status: "skipped", rows: 0 }), "dev", "shop", put);
    expect(points.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([
      ["ScoredRows", 0],
      ["DriftChecksSkipped", 1],
    ]);
  });

  it("say that a check had a result, and nothing while no version serves", () => {
    expect(value(driftReport(), "DriftChecksSkipped")).toEqual([0]);
    expect(value(driftReport({ status: "skipped", version: null }), "DriftChecksSkipped")).toEqual([]);
  });

  it("have the time at which they are put, since an alarm never sees a point that comes late", () => {
    const times = driftMetrics(driftReport({ checked_at: "2026-03-10T06:00:00.000Z" }), "dev", "shop", put);
    expect(new Set(times.map(({ Timestamp }) => Timestamp))).toEqual(new Set([put]));
  });
});

describe("the handler", () => {
  const bucket = new FakeBucket();
  const cloudwatch = mockClient(CloudWatchClient);
  const reports = "s3://lake/reports/shop/drift";
  const scores = "s3://lake/reports/shop/scores";
  const event = { execution: planEvent().execution, input: {} };

  const score = (drift: ScoreDrift) => {
    const uri = `${scores}/${drift.run_id}/drift.json`;
    bucket.put(uri, drift);
    const day = { run_id: drift.run_id, as_of: drift.as_of, drift_uri: uri };
    bucket.put(`${scores}/days/${drift.as_of}.json`, day);
    bucket.put(`${scores}/latest.json`, day);
  };

  beforeEach(() => {
    Object.assign(process.env, environment);
    bundlePipeline(spec);
    bucket.reset();
    sagemaker.reset();
    cloudwatch.reset();
    cloudwatch.on(PutMetricDataCommand).resolves({});
    serve(4);
  });

  it("reports the newest scored day and puts its metrics", async () => {
    score(drifted);
    const report = await handler(event);
    expect(report).toMatchObject({ status: "drift", as_of: "2026-03-10", version: 4, checked_run: "run-9" });
    expect(bucket.json(`${reports}/latest.json`)).toEqual(report);
    const [put] = cloudwatch.commandCalls(PutMetricDataCommand);
    expect(put?.args[0].input.MetricData?.map(({ MetricName }) => MetricName)).toContain("FeatureDrift");
  });

  it("checks the day that it is asked for", async () => {
    score(scored({ run_id: "run-8", as_of: "2026-03-09" }));
    score(drifted);
    expect(await handler({ ...event, input: { asOf: "2026-03-09" } })).toMatchObject({
      ...{ status: "stable", as_of: "2026-03-09" },
    });
    expect(await handler({ ...event, input: { asOf: "2026-03-01" } })).toMatchObject({
      ...{ status: "skipped", reason: "no run has scored 2026-03-01 yet", as_of: "2026-03-01" },
    });
  });

  it("is skipped without an endpoint, and before the first day is scored", async () => {
    expect(await handler(event)).toMatchObject({ status: "skipped", reason: "no run has scored a day yet" });
    serveNothing();
    expect(await handler(event)).toMatchObject({
      ...{ status: "skipped", reason: "the endpoint daybreak-dev-shop does not exist yet", version: null },
    });
  });

  it("finds the drift again after a check that died before its metrics were sent", async () => {
    score(drifted);
    cloudwatch.on(PutMetricDataCommand).rejectsOnce(new Error("throttled"));
    await expect(handler(event)).rejects.toThrow("throttled");
    expect(bucket.json(`${reports}/latest.json`)).toMatchObject({ status: "drift", checked_run: null });
    expect(await handler(event)).toMatchObject({ status: "drift", checked_run: "run-9" });
    expect(await handler(event)).toMatchObject({ status: "skipped" });
  });

  it("fails with a clear error if the drift report of a scored day is missing", async () => {
    score(drifted);
    bucket.objects.delete(`${scores}/run-9/drift.json`);
    await expect(handler(event)).rejects.toThrow(
      "s3://lake/reports/shop/scores/run-9/drift.json is missing; the run's state ScoreCustomers should have written it",
    );
  });

  it("reports what is invalid in its event", async () => {
    await expect(handler({ input: { asOf: "today" } })).rejects.toMatchObject({ name: "InvalidInput" });
  });
});
