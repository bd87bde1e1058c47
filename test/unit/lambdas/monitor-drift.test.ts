import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import type { Baseline } from "../../../contracts/baseline";
import type { DriftReport, ReadMark } from "../../../contracts/drift-report";
import { parseCaptureLine } from "../../../lambdas/monitor-drift/capture";
import { advance, DriftCheck, isUnread, judgeDrift } from "../../../lambdas/monitor-drift/core";
import { handler } from "../../../lambdas/monitor-drift/handler";
import { Histogram } from "../../../lambdas/monitor-drift/histogram";
import { driftMetrics } from "../../../lambdas/monitor-drift/metrics";
import { type FeatureShares, sharesOf } from "../../../lambdas/monitor-drift/shares";
import { bundlePipeline } from "./bundled-pipeline";
import { captureLine, driftReport, environment, planEvent, spec } from "./factories";
import { FakeBucket } from "./fake-bucket";
import { sagemaker, serve, serveNothing } from "./fake-endpoint";

const rows = { rows: 1000, entities: 1000, as_of_days: ["2026-03-03"] };
const of = (evaluation: number[]) => ({ evaluation, training: evaluation, importance: 0.2 });
const stored: Baseline = {
  ...{ run_id: "run-1", evaluation: rows, training: rows },
  features: {
    clicks: { type: "numeric", edges: [1, 3], ...of([400, 400, 200, 0]) },
    spend: { type: "numeric", edges: [100], ...of([500, 400, 100]) },
    device: { type: "categorical", categories: ["phone", "web"], ...of([600, 400, 0, 0]) },
  },
  score: { type: "numeric", edges: [0.5], evaluation: [700, 300, 0] },
};
const baseline = sharesOf(stored);

/** Ten requests with the baseline's distribution. */
const usual = Array.from({ length: 10 }, (_, index) => ({
  clicks: index < 4 ? 1 : index < 8 ? 2 : 5,
  spend: index < 5 ? 50 : index < 9 ? 200 : null,
  device: index < 6 ? "phone" : "web",
}));
const usualScores = usual.map((_, index) => (index < 7 ? 0.2 : 0.8));
const limits = { ...spec.monitoring, min_samples: 10 };

describe("a captured line", () => {
  it.each(["JSON", "BASE64"] as const)("is decoded from %s", (encoding) => {
    expect(parseCaptureLine(captureLine(usual, usualScores, encoding))).toEqual({
      instances: usual,
      scores: usualScores,
    });
  });

  it("has instances even if the endpoint's response is missing or an error", () => {
    expect(parseCaptureLine(captureLine(usual, undefined))).toEqual({ instances: usual, scores: [] });
    const failed = captureLine(usual, usualScores).replace(/predictions/, "error");
    expect(parseCaptureLine(failed)?.scores).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["broken JSON", "{"],
    ["another object", "{}"],
    ["a list", "[]"],
    ["another body", captureLine(usual, []).replace("instances", "rows")],
  ])("is not %s", (_what, line) => {
    expect(parseCaptureLine(line)).toBeUndefined();
  });
});

describe("the check", () => {
  const context = {
    version: 4,
    modelPackageArn: "arn:package/4",
    asOf: "2026-03-10",
    checkedAt: new Date("2026-03-10T06:00:00Z"),
    captureObjects: 1,
    readThrough: { modified_at: "2026-03-10T05:59:00.000Z", keys: ["b"] },
    lastRead: { modified_at: "2026-03-09T05:59:00.000Z", keys: ["a"] },
  };
  const judged = (instances: Record<string, unknown>[], scores: number[], changes: Partial<typeof limits> = {}) => {
    const check = new DriftCheck(baseline);
    check.add({ instances, scores });
    return judgeDrift(check, { ...limits, ...changes }, context);
  };

  it("finds no drift if nothing changed", () => {
    const report = judged(usual, usualScores);
    expect(report).toMatchObject({ status: "stable", samples: 10, version: 4, read_through: context.readThrough });
    for (const { psi } of [...Object.values(report.features), report.prediction ?? { psi: 1 }])
      expect(psi).toBeCloseTo(0, 3);
    expect(report).not.toHaveProperty("reason");
  });

  it("lists the features that drifted, the strongest drift first", () => {
    const changed = usual.map((instance, index) => ({ ...instance, spend: 500, clicks: index < 8 ? 5 : 1 }));
    const report = judged(changed, usualScores);
    expect(report.status).toBe("drift");
    expect(report.reason).toMatch(/^2 drifted: (spend, clicks|clicks, spend)$/);
    expect(report.features.device?.drifted).toBe(false);
  });

  it("reports drift only if enough features drifted", () => {
    const changed = usual.map((instance) => ({ ...instance, spend: 500 }));
    expect(judged(changed, usualScores, { drifted_features: 2 })).toMatchObject({ status: "stable" });
    expect(judged(changed, usualScores, { drifted_features: 1 })).toMatchObject({
      status: "drift",
      reason: "1 drifted: spend",
    });
  });

  it("detects that scores drifted while no feature did", () => {
    const report = judged(
      usual,
      usual.map(() => 0.9),
    );
    expect(report).toMatchObject({ status: "drift", prediction: { drifted: true } });
    expect(report.reason).toMatch(/^the scores drifted \(PSI \d\.\d{3}\)$/);
  });

  it("checks only the features if no response was captured", () => {
    expect(judged(usual, [])).toMatchObject({ status: "stable", prediction: null });
  });

  it("counts a feature that is no longer sent as drifted", () => {
    const without = usual.map(({ device: _left, ...rest }) => rest);
    expect(judged(without, usualScores).features.device?.drifted).toBe(true);
  });

  it("is skipped, not stable, with too few samples, which the next check includes", () => {
    expect(judged(usual.slice(1), usualScores)).toMatchObject({
      status: "skipped",
      reason: "9 captured requests since the last check; 10 are needed to tell drift from chance",
      features: {},
      prediction: null,
      read_through: context.lastRead,
    });
  });

  it("puts the bins of what drifted beside the baseline's, and of nothing else", () => {
    const changed = usual.map((instance, index) => ({
      clicks: index < 2 ? null : 5,
      spend: instance.spend,
      device: index < 7 ? "tv" : instance.device,
    }));
    const { features, prediction } = judged(
      changed,
      usual.map(() => 0.9),
    );
    expect(features.clicks?.bins).toEqual([
      { kind: "range", above: null, up_to: 1, baseline: 0.4, live: 0 },
      { kind: "range", above: 1, up_to: 3, baseline: 0.4, live: 0 },
      { kind: "range", above: 3, up_to: null, baseline: 0.2, live: 8 },
      { kind: "missing", baseline: 0, live: 2 },
    ]);
    expect(features.device?.bins).toEqual([
      { kind: "category", category: "phone", baseline: 0.6, live: 0 },
      { kind: "category", category: "web", baseline: 0.4, live: 3 },
      { kind: "other", baseline: 0, live: 7 },
      { kind: "missing", baseline: 0, live: 0 },
    ]);
    expect(prediction?.bins?.map(({ live }) => live)).toEqual([0, 10, 0]);
    expect(features.spend).toEqual({ psi: expect.any(Number), drifted: false });
    expect(judged(usual, usualScores).prediction).not.toHaveProperty("bins");
  });

  it("does not depend on the order of the requests", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(usual, { minLength: 10 }), (shuffled) => {
        expect(judged(shuffled, usualScores)).toEqual(judged(usual, usualScores));
      }),
    );
  });
});

describe("the bins", () => {
  const categorical = (categories: string[], weights: number[], other: number, missing: number): FeatureShares => {
    const total = weights.reduce((sum, weight) => sum + weight, other + missing);
    const shares = weights.map((weight) => weight / total);
    return { type: "categorical", categories, shares, other: other / total, missing: missing / total };
  };

  it("add up to the whole, however many categories there are", () => {
    const weights = fc.array(fc.nat(100), { minLength: 1, maxLength: 64 });
    const values = fc.array(fc.option(fc.nat(80), { nil: null }), { maxLength: 200 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 50 }), fc.nat(50), values, (shares, other, missing, live) => {
        const names = shares.map((_, category) => `c${category}`);
        const histogram = new Histogram(categorical(names, shares, other, missing));
        for (const value of live) histogram.add(value === null ? null : `c${value}`);
        const bins = histogram.bins();
        expect(bins.reduce((sum, bin) => sum + bin.baseline, 0)).toBeCloseTo(1, 9);
        expect(bins.reduce((sum, bin) => sum + bin.live, 0)).toBe(live.length);
        expect(bins.slice(-2).map(({ kind }) => kind)).toEqual(["other", "missing"]);
        // Those that have no bin of their own are no more common than those that have one, on either side.
        const own = bins.flatMap((bin) => (bin.kind === "category" ? [bin.category] : []));
        expect(own).toEqual(names.filter((name) => own.includes(name)));
        expect(own).toHaveLength(Math.min(12, names.length));
        const counts = names.map((name) => live.filter((value) => `c${value}` === name).length);
        const total = shares.reduce((sum, share) => sum + share, other + missing);
        const weight = (name: string) => {
          const category = names.indexOf(name);
          return Math.max((shares[category] ?? 0) / total, (counts[category] ?? 0) / Math.max(1, live.length));
        };
        const left = names.filter((name) => !own.includes(name));
        expect(Math.max(0, ...left.map(weight))).toBeLessThanOrEqual(Math.min(...own.map(weight)) + 1e-12);
      }),
    );
  });

  it("keep the report of a wide pipeline within the size of a state's output", () => {
    const categories = Array.from({ length: 64 }, (_, category) => `${String(category)}${"漢".repeat(300)}`);
    const wide = categorical(
      categories,
      categories.map(() => 1),
      0,
      0,
    );
    const features = Object.fromEntries(Array.from({ length: 1000 }, (_, column) => [`feature_${column}`, wide]));
    const check = new DriftCheck({ ...baseline, features });
    for (let row = 0; row < 10; row += 1) check.add({ instances: [{}], scores: [] });
    const measured = check.measure(limits);
    expect(Object.values(measured.features).filter(({ bins }) => bins !== undefined)).toHaveLength(12);
    expect(Buffer.byteLength(JSON.stringify(measured))).toBeLessThan(200_000);
  });
});

describe("the metrics", () => {
  it("have the environment and the pipeline as dimensions and, for each feature, its name", () => {
    const points = driftMetrics(driftReport(), "dev", "shop");
    const value = (name: string) => points.filter((point) => point.MetricName === name).map((point) => point.Value);
    expect(value("DriftedFeatures")).toEqual([2]);
    expect(value("PredictionDrift")).toEqual([0.1]);
    expect(value("MonitoredSamples")).toEqual([500]);
    expect(value("FeatureDrift")).toEqual([0.7, 0.3, 0]);
    expect(points.at(-1)?.Dimensions).toEqual([
      { Name: "Environment", Value: "dev" },
      { Name: "Pipeline", Value: "shop" },
      { Name: "Feature", Value: "device" },
    ]);
  });

  it("of a skipped check do not include drift", () => {
    const points = driftMetrics(driftReport({ status: "skipped", samples: 3 }), "dev", "shop");
    expect(points.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([
      ["MonitoredSamples", 3],
      ["DriftChecksSkipped", 1],
    ]);
  });

  it("do not include score drift if no score was captured", () => {
    const names = driftMetrics(driftReport({ prediction: null }), "dev", "shop").map((point) => point.MetricName);
    expect(names).not.toContain("PredictionDrift");
  });
});

describe("the bookmark of captures read", () => {
  it("makes every object be read exactly once, however writes and checks interleave", () => {
    const seconds = fc.array(fc.nat(4), { maxLength: 12 }).map((values) => values.sort((one, other) => one - other));
    fc.assert(
      fc.property(seconds, fc.array(fc.nat(12)), fc.infiniteStream(fc.nat(1000)), (written, looks, order) => {
        const keys = order[Symbol.iterator]();
        const objects = written.map((second, index) => ({
          key: `${keys.next().value}-${index}`,
          modifiedAt: new Date(second * 1000),
        }));
        let mark: ReadMark | null = null;
        const read: string[] = [];
        for (const visible of [...looks.sort((one, other) => one - other), objects.length]) {
          // S3 lists objects in order of key, not of time.
          const listed = objects.slice(0, visible).sort((one, other) => one.key.localeCompare(other.key));
          const before: ReadMark | null = mark;
          for (const object of listed.filter((candidate) => isUnread(candidate, before))) {
            read.push(object.key);
            mark = advance(mark, object);
          }
        }
        expect(read.sort()).toEqual(objects.map(({ key }) => key).sort());
      }),
    );
  });
});

describe("the handler", () => {
  const bucket = new FakeBucket();
  const cloudwatch = mockClient(CloudWatchClient);
  const event = { execution: planEvent().execution, input: { asOf: "2026-03-10" } };
  const latestUri = "s3://lake/reports/shop/drift/latest.json";
  const capture = (name: string, lines: string[], at: string, version = 4) =>
    bucket.put(
      `s3://lake/capture/shop/${version}/daybreak-dev-shop/live/2026/03/10/05/${name}`,
      `${lines.join("\n")}\n\n`,
      new Date(at),
    );
  const fill = (count: number) => Array.from({ length: count }, () => captureLine(usual, usualScores));
  const latest = () => bucket.json(latestUri) as DriftReport;

  beforeEach(() => {
    Object.assign(process.env, environment);
    bundlePipeline({ ...spec, monitoring: { ...spec.monitoring, min_samples: 100 } });
    bucket.reset();
    bucket.put("s3://lake/baseline-4.json", stored);
    sagemaker.reset();
    serve(4);
    cloudwatch.reset();
    cloudwatch.on(PutMetricDataCommand).resolves({});
  });

  const points = () =>
    cloudwatch.commandCalls(PutMetricDataCommand).flatMap((call) => call.args[0].input.MetricData ?? []);

  it("checks only the captures of the serving version, writes both reports and puts the metrics", async () => {
    capture("a.jsonl", fill(6), "2026-03-10T05:10:00Z");
    capture("b.jsonl", [...fill(6), "not a capture"], "2026-03-10T05:20:00Z");
    capture("c.jsonl", fill(50), "2026-03-10T05:20:00Z", 3);
    capture("d.tmp", fill(50), "2026-03-10T05:20:00Z");
    const report = await handler(event);
    expect(report).toMatchObject({
      status: "stable",
      samples: 120,
      unreadable: 1,
      capture_objects: 2,
      version: 4,
      as_of: "2026-03-10",
    });
    expect(latest()).toEqual(report);
    const names = [...bucket.objects.keys()].filter((uri) => uri.startsWith("s3://lake/reports/shop/drift/2"));
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/drift\/\d{8}T\d{6}Z\.json$/);
    expect(points().map((point) => point.MetricName)).toContain("DriftedFeatures");
    expect(cloudwatch.commandCalls(PutMetricDataCommand)[0]?.args[0].input.Namespace).toBe("Daybreak");
  });

  it("continues where the last check stopped", async () => {
    capture("a.jsonl", fill(12), "2026-03-10T05:10:00Z");
    await handler(event);
    capture("b.jsonl", fill(11), "2026-03-10T05:10:00Z");
    capture("0.jsonl", fill(2), "2026-03-10T05:30:00Z");
    await expect(handler(event)).resolves.toMatchObject({ samples: 130, capture_objects: 2 });
    await expect(handler(event)).resolves.toMatchObject({ status: "skipped", samples: 0 });
  });

  it("checks the same captures again after a check that ended before its metrics were sent", async () => {
    capture("a.jsonl", fill(12), "2026-03-10T05:10:00Z");
    await handler(event);
    capture("b.jsonl", fill(11), "2026-03-10T05:20:00Z");
    cloudwatch.on(PutMetricDataCommand).rejects(new Error("the connection was lost"));
    await expect(handler(event)).rejects.toThrow("the connection was lost");
    cloudwatch.on(PutMetricDataCommand).resolves({});
    await expect(handler(event)).resolves.toMatchObject({ status: "stable", samples: 110 });
    await expect(handler(event)).resolves.toMatchObject({ status: "skipped", samples: 0 });
  });

  it("has its report written when the alarm that its metrics raise reads it", async () => {
    capture("a.jsonl", fill(12), "2026-03-10T05:10:00Z");
    let seen: DriftReport | undefined;
    cloudwatch.on(PutMetricDataCommand).callsFake(() => {
      seen = latest();
      return {};
    });
    const report = await handler(event);
    expect(seen).toEqual({ ...report, read_through: null });
  });

  it("includes the samples of a skipped check in the next one", async () => {
    capture("a.jsonl", fill(6), "2026-03-10T05:10:00Z");
    await expect(handler(event)).resolves.toMatchObject({ status: "skipped", samples: 60 });
    expect(points().map((point) => point.MetricName)).toEqual(["MonitoredSamples", "DriftChecksSkipped"]);
    capture("b.jsonl", fill(6), "2026-03-10T05:20:00Z");
    await expect(handler(event)).resolves.toMatchObject({ status: "stable", samples: 120 });
  });

  it("starts over with a new version, at the time of the last check", async () => {
    bucket.put(latestUri, driftReport({ version: 3, checked_at: "2026-03-10T05:15:00.000Z" }));
    capture("a.jsonl", fill(50), "2026-03-10T05:10:00Z");
    capture("b.jsonl", fill(10), "2026-03-10T05:20:00Z");
    await expect(handler(event)).resolves.toMatchObject({ samples: 100, version: 4 });
  });

  it("skips the check while no version serves or nothing is captured", async () => {
    serve(4, { capture: false });
    await expect(handler({ ...event, input: {} })).resolves.toMatchObject({
      status: "skipped",
      reason: "data capture is off",
      as_of: new Date().toISOString().slice(0, 10),
    });
    serveNothing();
    await expect(handler(event)).resolves.toMatchObject({
      status: "skipped",
      version: null,
      reason: expect.stringContaining("does not exist yet"),
    });
  });

  it("fails with a clear error if the serving version has no baseline", async () => {
    bucket.objects.delete("s3://lake/baseline-4.json");
    await expect(handler(event)).rejects.toThrow(
      "s3://lake/baseline-4.json is missing; the evaluation should have written it",
    );
    serve(4, { lineage: {} });
    await expect(handler(event)).rejects.toThrow("has no baseline_uri in its metadata");
  });

  it("rejects an as-of value that is not a day", async () => {
    await expect(handler({ ...event, input: { asOf: "2026-02-30" } })).rejects.toThrow(
      "input.asOf: expected a day such as 2026-01-31",
    );
  });
});
