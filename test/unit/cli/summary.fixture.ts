import type { Metrics, Segment } from "../../../contracts/evaluation";
import type { VersionQuality } from "../../../contracts/model-quality";
import type { DriftBin } from "../../../contracts/score-drift";
import type { ModelSummary, ServingSummary, Summary } from "../../../contracts/summary";
import { featureOf, scoreOf } from "../drift-fixture";
import { comparedMetrics, qualityReport } from "../lambdas/factories";

const features = {
  recency_days: "Days since the last purchase.",
  purchase_days: "Days with a purchase in the window.",
  mean_spend: "Dollars per day with a purchase.",
  last_spend: "Dollars on the last day with a purchase.",
  spend_29_90: "Dollars 29 to 90 days ago.",
  spend_91_180: "Dollars 91 to 180 days ago.",
};

/** A ROC curve of a given strength, with about the shape that two normal distributions give. */
const roc = (power: number): [number, number][] =>
  Array.from({ length: 51 }, (_, step) => [step / 50, (step / 50) ** power]);

const metricsFixture = (auc: number): Metrics => ({
  ...{ auc, f1: 0.822, precision: 0.74, recall: 0.92, accuracy: 0.72, log_loss: 0.566, brier: 0.193 },
  ...{ average_precision: 0.8, calibration_error: 0.02 },
});

const intervalsFixture = (auc: number): NonNullable<ModelSummary["evaluation"]>["intervals"] => {
  const around = (value: number): [number, number] => [value - 0.02, value + 0.02];
  const { f1, precision, recall, accuracy, log_loss, brier, average_precision } = metricsFixture(auc);
  return {
    ...{ auc: around(auc), f1: around(f1 ?? 0), precision: around(precision ?? 0), recall: around(recall ?? 0) },
    ...{ accuracy: around(accuracy ?? 0), log_loss: around(log_loss ?? 0), brier: around(brier ?? 0) },
    ...{ average_precision: around(average_precision ?? 0), calibration_error: [0.01, 0.04] },
  };
};

const profitFixture = {
  per_row: 1.37,
  interval: [1.15, 1.58] as [number, number],
  contacted: 2610,
  per_row_of_all: 1.2,
};

const segmentFixture = (segment: string, rows: number, auc: number): Segment => ({
  ...{ column: "purchase_days", segment, rows, entities: rows, base_rate: 0.6 },
  metrics: {
    auc: { value: auc, interval: [auc - 0.03, auc + 0.03] },
    f1: { value: 0.8, interval: [0.77, 0.83] },
    log_loss: { value: 0.55, interval: null },
  },
});

/** A check of captured requests that found no difference. */
export function servingFixture(changes: Partial<ServingSummary> = {}): ServingSummary {
  return {
    ...{ status: "faithful", checked_at: "2026-11-22T23:13:10.000Z", checked_before: null },
    ...{ files: 4, files_read: 4, unreadable: 0, unidentified: 0, requests: 900 },
    ...{ first_request: "2026-11-22T23:12:10.000Z", last_request: "2026-11-22T23:13:05.000Z", versions: { "1": 900 } },
    ...{ not_stored: 0, skewed: 0, features: {}, stale: 0, ages: { "0": 900 }, unfaithful: 0, skew: 0, limit: 0.01 },
    scores: { compared: 850, skewed: 0, largest_difference: 0, examples: [] },
    cloudwatch: [],
    ...changes,
  };
}

/** A check of captured requests that found other values than the stored ones. */
export function skewedFixture(): ServingSummary {
  const which = { inference_id: "facf074a", entity: "00064", event_time: "1997-11-03T00:00:00Z" };
  return servingFixture({
    ...{ status: "skewed", checked_at: "2026-11-22T23:14:10.000Z", files: 40, files_read: 12, unidentified: 3 },
    ...{ skewed: 90, not_stored: 2, stale: 1, unfaithful: 94, skew: 94 / 900 },
    features: { mean_spend: { skewed: 90, examples: [{ ...which, served: 25.675, stored: 24.5 }] } },
    scores: {
      ...{ compared: 700, skewed: 1, largest_difference: 0.2 },
      examples: [{ ...which, served: 0.64, stored: 0.44 }],
    },
  });
}

/** A model of a successful run. */
export function modelFixture(version: number, changes: Partial<ModelSummary> = {}): ModelSummary {
  const auc = version === 1 ? 0.7355 : 0.7221;
  return {
    version,
    stage: version === 1 ? "Approved" : "Production",
    run_id: version === 1 ? "train-1997-08-04" : "drift-20261122231500",
    as_of: version === 1 ? "1997-08-04" : "1997-11-03",
    trigger:
      version === 1
        ? { type: "person", actor: "demo", reason: "the first model" }
        : { type: "drift", actor: "daybreak-dev-cdnow-drift-features", reason: "spend_91_180" },
    registered_at: "2026-11-22T23:12:00.000Z",
    verdict: [
      { rule: "minimum_auc", expected: ">= 0.68", actual: auc, passed: true },
      { rule: "minimum_f1", expected: ">= 0.78", actual: 0.822, passed: true },
      { rule: "test_rows", expected: 1000, actual: 3120, passed: true },
    ],
    warnings: [],
    approval: { by: "demo", reason: "Reviewed by the demo", at: "2026-11-22T23:12:02.000Z" },
    evaluation: {
      metrics: metricsFixture(auc),
      intervals: intervalsFixture(auc),
      threshold: 0.4,
      threshold_by: "f1",
      profit: { per_row: 1.42, interval: [1.21, 1.63], contacted: 2540, per_row_of_all: 1.2 },
      confusion: { tp: 1880, fp: 660, tn: 380, fn: 200 },
      calibration: [0.15, 0.35, 0.55, 0.75, 0.9].map((score, bin) => ({
        bin,
        mean_score: score,
        observed_rate: score + (bin % 2 === 0 ? 0.02 : -0.03),
        count: 300,
      })),
      roc: roc(version === 1 ? 0.38 : 0.41),
      precision_recall: Array.from({ length: 40 }, (_, step) => [step / 39, 0.95 - 0.28 * (step / 39) ** 2]),
    },
    champion:
      version === 1 ? null : { version: 1, seen_rows: 0, metrics: metricsFixture(0.7127), profit: profitFixture },
    segments: [
      segmentFixture("up to 1", 812, 0.71),
      segmentFixture("above 1 up to 4", 2270, auc),
      { ...segmentFixture("above 4", 38, 0), metrics: null },
    ],
    comparisons: [
      {
        ...{ kind: "simple model", name: "recency_days alone", metric: "auc", rows: 3120 },
        ...{ challenger: auc, rival: auc - 0.03, difference: 0.03, interval: [0.018, 0.042] },
      },
      ...(version === 1
        ? []
        : [
            {
              ...{ kind: "champion" as const, name: "v1, the serving version", metric: "auc" as const, rows: 3120 },
              ...{
                challenger: auc,
                rival: 0.7127,
                difference: auc - 0.7127,
                interval: [0.004, 0.031] as [number, number],
              },
            },
          ]),
    ],
    test_rows: 3120,
    base_rate: 0.656,
    rows: { train: version === 1 ? 9120 : 8460, validation: 2400, test: 3120 },
    as_of_days: {
      train:
        version === 1
          ? ["1997-05-05", "1997-05-12", "1997-05-19", "1997-05-26"]
          : ["1997-06-30", "1997-07-07", "1997-07-14"],
    },
    importance: Object.keys(features).map((name, rank) => ({
      name,
      mean_abs_shap: 0.42 / (rank + 1) + version * 0.01,
    })),
    shap: Object.keys(features).flatMap((feature, rank) =>
      Array.from({ length: 120 }, (_, row) => ({
        feature,
        value: (row * 7919) % 100,
        shap: ((((row * 7919) % 100) - 50) / 60) * (0.6 / (rank + 1)) + (((row * 31) % 17) - 8) / 90,
      })),
    ),
    lineage: {
      run_id: "train-1997-08-04",
      git_commit: "0123456789abcdef0123456789abcdef01234567",
      events_snapshot_id: "8239472938472938471",
      feature_snapshot_id: "2349857239847239847",
      dataset_uri: "s3://daybreak-dev-lake-000000000000/datasets/cdnow/train-1997-08-04",
      started_by: "demo",
    },
    ...changes,
  };
}

/** What a feature's values were at the evaluation and are now: most had spent nothing, few have. */
const spendBins: DriftBin[] = [
  { kind: "range", above: null, up_to: 0, baseline: 0.46, current: 40 },
  { kind: "range", above: 0, up_to: 14.99, baseline: 0.2, current: 99 },
  { kind: "range", above: 14.99, up_to: 60.5, baseline: 0.2, current: 180 },
  { kind: "range", above: 60.5, up_to: null, baseline: 0.14, current: 104 },
  { kind: "missing", baseline: 0, current: 0 },
];

const days = ["1997-08-11", "1997-09-08", "1997-10-06", "1997-11-03", "1997-11-10", "1997-12-08"];
const worst = [0.7, 0.8, 0.9, 7.5, 0.5, 0.6];

/** The summary of a successful demo: two versions, one drift alarm, no loss. */

const figures = comparedMetrics();

/** A day whose labels are known, one that only has an estimate, and a check. */
export function qualityFixture(status: VersionQuality["status"] = "kept"): Summary["quality"] {
  const estimate = { auc: 0.731, f1: 0.79, precision: 0.72, recall: 0.88, base_rate: 0.67 };
  const { versions, ...check } = qualityReport({ status, onset: status === "broken" ? "1997-12-08" : null });
  return {
    ...{ metric: "auc", alpha: 0.001, window_days: 28 },
    days: [
      { as_of: "1997-12-08", version: 1, rows: 616, estimate, measured: figures },
      { as_of: "1998-01-12", version: 1, rows: 417, estimate, measured: null },
      { as_of: "1998-01-19", version: 1, rows: 0, estimate: null, measured: figures },
    ],
    checks: [{ ...check, versions: versions.map(({ metrics: _, ...version }) => version) }],
  };
}

export function summaryFixture(changes: Partial<Summary> = {}): Summary {
  const stages: Summary["stages"] = [];
  let clock = 0;
  const stage = (
    kind: Summary["stages"][number]["kind"],
    title: string,
    seconds: number,
    as_of: string | null = null,
  ) => {
    stages.push({ title, kind, as_of, started_after: clock, seconds, detail: "" });
    clock += seconds;
  };
  stage("setup", "Deploy the stack", 14);
  stage("ingest", "Ingest the events before 1997-08-04", 6, "1997-08-04");
  stage("train", "Train as of 1997-08-04", 48, "1997-08-04");
  stage("registry", "Approve v1", 0.2, "1997-08-04");
  stage("serve", "Serve v1", 9, "1997-08-04");
  for (const day of days.slice(0, 4)) {
    stage("ingest", `Ingest the events before ${day}`, 1.6, day);
    stage("features", `Features and scores as of ${day}`, 7, day);
    stage("monitor", `Monitor the traffic of ${day}`, 9, day);
  }
  stage("train", "Retrain as of 1997-11-03", 40, "1997-11-03");
  stage("serve", "Serve v2", 11, "1997-11-03");
  return {
    schema: "daybreak-summary/3",
    pipeline: {
      name: "cdnow",
      description: "Which recent customers of a music shop will not buy again within 28 days.",
      entity: "customer_id",
      label: "churned",
      label_description: "1 if the customer buys nothing in the 28 days from the as-of day on.",
      horizon_days: 28,
      window_days: 180,
      drift: { alpha: 0.005, effect: 0.1 },
      features,
      feature_types: Object.fromEntries(
        Object.keys(features).map((name) => [name, name.includes("days") ? "integer" : "double"]),
      ),
    },
    outcome: "second version serves",
    headline: "Drift in the traffic of 3 Nov 1997 started a retraining; v2 replaced v1 under traffic.",
    generated_at: "2026-11-22T23:20:00.000Z",
    git: { commit: "0123456789abcdef0123456789abcdef01234567", dirty: false },
    data: { file: "CDNOW, real", first_day: "1997-01-01", last_day: "1998-06-30", events: 69659, entities: 23570 },
    infrastructure: { resources: 149, seconds: 13.2 },
    events: {
      sent: 58210,
      rejected: 0,
      landed: 58210,
      published: 58101,
      quarantined: { "wrong_type:amount": 61, not_json: 14, late: 9 },
      duplicates: 25,
      waiting: 0,
      lost: 0,
      doubled: 0,
    },
    stages,
    runs: [
      {
        name: "train-1997-08-04",
        run_id: "train-1997-08-04",
        mode: "train",
        as_of: "1997-08-04",
        trigger: { type: "person", actor: "demo" },
        outcome: "registered",
        started_at: "2026-11-22T23:11:00.000Z",
        seconds: 48,
        states: [
          { state: "Plan", seconds: 0.3 },
          { state: "Transform", seconds: 9 },
          { state: "TrainModel", seconds: 7 },
        ],
        script_seconds: { Transform: 8.6 },
        new_events: 47000,
        committed: true,
        published: 46900,
        quarantined: { late: 9 },
        duplicates: 25,
        feature_rows: 21000,
        scored: 0,
      },
    ],
    models: [modelFixture(1), modelFixture(2)],
    drift: days.map((as_of, position) => ({
      as_of,
      checked_at: `2026-11-22T23:1${position}:00.000Z`,
      version: position < 4 ? 1 : 2,
      status: position === 3 ? "drift" : "stable",
      rows: 390 + position * 11,
      features: Object.fromEntries(
        Object.keys(features).map((name, rank) => {
          const strength = name === "spend_91_180" ? (worst[position] ?? 0) : 0.3 + 0.2 * ((rank * 3 + position) % 4);
          return [name, featureOf(strength, strength >= 1 ? { bins: spendBins } : {})];
        }),
      ),
      score: scoreOf(position === 3 ? 0.9 : 0.2),
      consequence: { outcome: position === 3 ? "retraining-started" : "none" },
    })),
    quality: qualityFixture(),
    alarms: [
      {
        alarm: "daybreak-dev-cdnow-drift-features",
        state: "ALARM",
        at: "2026-11-22T23:13:20.000Z",
        reason: "Threshold Crossed: 1 datapoint [1.0] was greater than or equal to the threshold (1.0)",
      },
    ],
    alerts: [
      {
        at: "2026-11-22T23:13:21.000Z",
        title: ":ocean: cdnow: drift, retraining started",
        text: ":ocean: cdnow: drift, retraining started\n• `spend_91_180` PSI 0.750\n*Serving version*\n1\n*As of*\n1997-11-03",
      },
    ],
    serving: [servingFixture(), servingFixture({ checked_at: "2026-11-22T23:14:30.000Z" })],
    deployments: [
      {
        version: 1,
        started_at: "2026-11-22T23:12:02.000Z",
        seconds: 9.2,
        outcome: "deployed",
        requests_during: 0,
        failed_during: 0,
      },
      {
        version: 2,
        started_at: "2026-11-22T23:14:02.000Z",
        seconds: 11.4,
        outcome: "deployed",
        requests_during: 118,
        failed_during: 0,
      },
    ],
    requests: {
      served: 4120,
      stale: 60,
      failed: 0,
      errors: {},
      by_version: { "1": 3100, "2": 1020 },
      p50_milliseconds: 24,
      p99_milliseconds: 91,
    },
    seconds: clock,
    peak_memory_bytes: 3_400_000_000,
    ...changes,
  };
}
