/** Makes the Lambdas' inputs: a pipeline, plans, reports, and events in AWS's format. */

import type { DriftReport } from "../../../contracts/drift-report";
import type { Evaluation, Metrics } from "../../../contracts/evaluation";
import type { ComparedMetrics, ModelQuality, VersionQuality } from "../../../contracts/model-quality";
import type { RunPlan } from "../../../contracts/run-plan";
import type { ReadyDataset } from "../../../contracts/step-reports";
import type { PlanEvent } from "../../../lambdas/run-plan/core";
import { parsePipeline } from "../../../spec/load";
import type { PipelineSpec } from "../../../spec/pipeline";
import { featureOf, scoreOf } from "../drift-fixture";

const yaml = `name: shop
entity: customer_id
events:
  fields: {event_id: string, event_time: timestamp, customer_id: string}
features:
  window_days: 7
  columns: {clicks: integer, spend: double, device: string}
label: {name: churned, horizon_days: 14}
training:
  cutoff_every_days: 7
  history_days: 42
  seed: 11
  hyperparameters: {eta: 0.1, max_depth: 4, num_round: 50}
gates:
  minimum: {auc: 0.6, f1: 0.5}
  champion: {metric: auc, margin: 0.01}
  min_test_rows: 100
`;

export const spec: PipelineSpec = {
  ...parsePipeline(yaml, "pipeline.yaml"),
  features_sql: "SELECT 1",
  label_sql: "SELECT 1",
};

export const account = "000000000000";
export const packageArn = (version: number) =>
  `arn:aws:sagemaker:us-east-1:${account}:model-package/daybreak-dev-shop/${version}`;
export const machineArn = `arn:aws:states:us-east-1:${account}:stateMachine:daybreak-dev-shop-pipeline`;

/** The environment variables that the Lambda runtime and the deployment set. */
export const environment = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  DAYBREAK_ENVIRONMENT: "dev",
  DAYBREAK_PIPELINE: "shop",
  JOB_NAME_PREFIX: "daybreak-dev-shop--",
  POWERTOOLS_METRICS_NAMESPACE: "Daybreak",
  POWERTOOLS_LOG_LEVEL: "SILENT",
  RUN_REPORTS_URI: "s3://lake/reports/shop/runs",
  TRAINING_SETS_URI: "s3://lake/datasets/shop",
  SCORING_SETS_URI: "s3://lake/scores/shop/sets",
  SCORE_REPORTS_URI: "s3://lake/reports/shop/scores",
  CAPTURE_FOLDER: "s3://lake/captures/shop/daybreak-dev-shop/live",
  SERVING_REPORTS_URI: "s3://lake/reports/shop/serving",
  VARIANT_NAME: "live",
  FEATURE_STATE_URI: "s3://lake/reports/shop/features",
  TRAINING_STATE_URI: "s3://lake/reports/shop/train",
  MODELS_URI: "s3://lake/models/shop",
  DRIFT_REPORTS_URI: "s3://lake/reports/shop/drift",
  QUALITY_ALARM_NAME: "daybreak-dev-shop-quality",
  MODEL_QUALITY_URI: "s3://lake/reports/shop/model-quality",
  SPEC_URI: "s3://code/pipelines/shop/abc.json",
  MODEL_SOURCE_URI: "s3://code/model/abc/source",
  ENDPOINT_NAME: "daybreak-dev-shop",
  FEATURE_GROUP: "daybreak-dev-shop",
  GIT_COMMIT: "0123abc",
  GIT_DIRTY: "false",
  MODEL_PACKAGE_GROUP: "daybreak-dev-shop",
  IMAGE_URI: `${account}.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5`,
  SERVE_STATE_MACHINE_ARN: `arn:aws:states:us-east-1:${account}:stateMachine:daybreak-dev-shop-serve`,
  RUN_STATE_MACHINE_ARN: machineArn,
  ALERT_TOPIC_ARN: `arn:aws:sns:us-east-1:${account}:daybreak-dev-alert`,
  SLACK_SECRET_ARN: `arn:aws:secretsmanager:us-east-1:${account}:secret:daybreak-dev/slack-webhook`,
  SLACK_MUTED_PIPELINES: "",
};

export function planEvent(input: Partial<PlanEvent["input"]> = {}, name = "run-1"): PlanEvent {
  return {
    execution: {
      arn: `arn:aws:states:us-east-1:${account}:execution:daybreak-dev-shop-pipeline:${name}`,
      name,
      started_at: "2026-03-10T05:00:03.123Z",
    },
    input: { mode: "train", trigger: { type: "person", actor: "ada" }, ...input },
  };
}

export function runPlan(changes: Partial<RunPlan> = {}): RunPlan {
  return {
    run_id: "run-1",
    pipeline: "shop",
    mode: "train",
    as_of: "2026-03-10",
    started_at: "2026-03-10T05:00:00.000Z",
    release: null,
    replay: null,
    cutoffs: ["2026-03-03", "2026-03-10"],
    label_cutoffs: [],
    least_history_days: 42,
    trigger: { type: "drift", actor: "daybreak-dev-shop-drift", reason: '2 drifted: "spend", clicks (PSI > 0.25)' },
    git_commit: "0123abc",
    git_dirty: false,
    spec_uri: environment.SPEC_URI,
    source_uri: environment.MODEL_SOURCE_URI,
    hyperparameters: { eta: "0.1" },
    champion: null,
    floor: null,
    training_job_name: "daybreak-dev-shop--run-1",
    refit_job_name: "daybreak-dev-shop-refit-run-1",
    processing_job_name: "daybreak-dev-shop--run-1",
    score_job_name: "daybreak-dev-shop--run-1-score",
    scoring_set_uri: "s3://lake/scores/shop/sets/run-1",
    score_report_uri: "s3://lake/reports/shop/scores/run-1",
    dataset_uri: "s3://lake/datasets/shop/run-1",
    model_uri: "s3://lake/models/shop/run-1",
    report_uri: "s3://lake/reports/shop/runs/run-1",
    execution_arn: planEvent().execution.arn,
    ...changes,
  };
}

export const training = {
  job_name: "daybreak-dev-shop--run-1",
  job_arn: `arn:aws:sagemaker:us-east-1:${account}:training-job/daybreak-dev-shop-run-1`,
  model_data_url: "s3://lake/models/shop/run-1/daybreak-dev-shop-run-1/output/model.tar.gz",
};

export const refit = {
  job_name: "daybreak-dev-shop-refit-run-1",
  job_arn: `arn:aws:sagemaker:us-east-1:${account}:training-job/daybreak-dev-shop-refit-run-1`,
  model_data_url: "s3://lake/models/shop/run-1/daybreak-dev-shop-refit-run-1/output/model.tar.gz",
};

/** One model's part of an evaluation, with the given metrics. */
function evaluated(metrics: Partial<Metrics>): Evaluation["challenger"] {
  return {
    metrics: {
      auc: null,
      f1: null,
      precision: 0.7,
      recall: 0.7,
      accuracy: 0.7,
      log_loss: 0.5,
      brier: 0.2,
      average_precision: 0.6,
      calibration_error: 0.01,
      ...metrics,
    },
    intervals: {
      auc: [0.76, 0.84],
      f1: [0.66, 0.74],
      precision: [0.65, 0.75],
      recall: [0.65, 0.75],
      accuracy: [0.67, 0.73],
      log_loss: [0.47, 0.53],
      brier: [0.18, 0.22],
      average_precision: [0.55, 0.65],
      calibration_error: null,
    },
    threshold: 0.5,
    confusion: { tp: 70, fp: 30, tn: 350, fn: 50 },
    calibration: [{ bin: 0, mean_score: 0.2, observed_rate: 0.21, count: 500 }],
    roc: [
      [0, 0],
      [1, 1],
    ],
    precision_recall: [[0, 1]],
    threshold_by: "fixed",
    profit: null,
    missing_features: [],
    trained_by: "run-1",
  };
}

/** An evaluation whose gate passes, unless it is given other rules. */
export function evaluation(
  metrics: Partial<Metrics> = { auc: 0.8, f1: 0.7 },
  champion: Partial<Metrics> | null = null,
  verdict: Evaluation["verdict"] = [
    { rule: "test rows", expected: "at least 100", actual: 500, passed: true },
    { rule: "auc", expected: "at least 0.6", actual: 0.8, passed: true },
  ],
): Evaluation {
  return {
    run_id: "run-1",
    challenger: evaluated(metrics),
    champion: champion === null ? null : { version: "1", seen_rows: 0, ...evaluated(champion) },
    segments: [],
    comparisons: [
      {
        ...{ kind: "simple model", name: "spend alone", metric: "auc", rows: 500 },
        ...{ challenger: 0.8, rival: 0.74, difference: 0.06, interval: [0.03, 0.09] },
      },
    ],
    verdict,
    floor_version: champion === null ? null : 1,
    test_rows: 500,
    base_rate: 0.24,
    always_positive_f1: 0.39,
    warnings: [],
  };
}

export const dataset: ReadyDataset = {
  step: "train-dataset",
  outcome: "ready",
  incomplete_windows: { action: "drop", cutoffs: ["2026-01-27"] },
  digest: "5d41402a",
  run_id: "run-1",
  started_at: "2026-03-10T05:01:00.000Z",
  finished_at: "2026-03-10T05:01:09.500Z",
  seconds: 9.5,
  entity: "customer_id",
  label: "churned",
  feature_columns: [{ name: "spend", type: "double" }],
  checked_alone: ["2025-12-01"],
  rows: { train: 1000, validation: 200, purged: 100, test: 500 },
  positives: { train: 240, validation: 50, purged: 20, test: 120 },
  cutoffs: { train: ["2026-02-03"], validation: ["2026-02-10"], test: ["2026-03-03"], purged: ["2026-02-17"] },
  feature_snapshot_id: "8646911284551352321",
  events_snapshot_id: "8646911284551352320",
};

export function driftReport(changes: Partial<DriftReport> = {}): DriftReport {
  return {
    status: "drift",
    reason: "1 drifted: spend",
    run_id: "run-1",
    as_of: "2026-03-10",
    version: 1,
    rows: 500,
    features: { spend: featureOf(7), clicks: featureOf(3), device: featureOf(0) },
    score: scoreOf(0.5),
    // Three labelled cutoffs have been since: 2026-02-03, 2026-02-10 and 2026-02-17.
    drifting_since: "2026-02-01",
    checked_run: "run-1",
    checked_at: "2026-03-10T06:00:00.000Z",
    ...changes,
  };
}

/** EventBridge's envelope. */
export function busEvent(detailType: string, source: string, detail: unknown) {
  return {
    version: "0",
    id: "844e2571-85d4-695f-b930-0153b71dcb42",
    "detail-type": detailType,
    source,
    account,
    time: "2026-03-10T07:00:00Z",
    region: "us-east-1",
    resources: [],
    detail,
  };
}

export function approvalEvent(detail: Record<string, unknown> = {}) {
  return busEvent("SageMaker Model Package State Change", "aws.sagemaker", {
    ModelPackageGroupName: "daybreak-dev-shop",
    ModelPackageVersion: 3,
    ModelPackageArn: packageArn(3),
    CreationTime: "2026-03-10T06:30:00Z",
    ModelPackageStatus: "Completed",
    ModelApprovalStatus: "Approved",
    ApprovalDescription: "looks right",
    LastModifiedTime: "2026-03-10T06:59:58.5Z",
    UpdatedModelPackageFields: ["ModelApprovalStatus", "ApprovalDescription"],
    ...detail,
  });
}

export function alarmEvent(value = "ALARM", alarmName = "daybreak-dev-shop-drift") {
  return busEvent("CloudWatch Alarm State Change", "aws.cloudwatch", {
    alarmName,
    configuration: { metrics: [] },
    previousState: { value: "OK", timestamp: "2026-03-09T06:01:00.000+0000" },
    state: { value, reason: "Threshold Crossed", timestamp: "2026-03-10T06:01:00.000+0000" },
  });
}

/** Every metric of scores with known labels: worse than the evaluation's AUC. */
export function comparedMetrics(): ComparedMetrics {
  const none = { value: 0.5, interval: null, promised: null, promised_interval: null };
  return {
    auc: { value: 0.61, interval: [0.57, 0.65], promised: 0.72, promised_interval: [0.7, 0.74] },
    f1: { value: 0.7, interval: [0.66, 0.74], promised: 0.78, promised_interval: [0.76, 0.8] },
    precision: none,
    recall: none,
    accuracy: none,
    log_loss: { value: 0.66, interval: [0.62, 0.7], promised: 0.55, promised_interval: [0.53, 0.57] },
    brier: none,
    average_precision: none,
    calibration_error: none,
    predicted_rate: none,
    base_rate: { value: 0.62, interval: [0.58, 0.66], promised: 0.66, promised_interval: null },
    lift_top_decile: { value: 1.3, interval: [1.1, 1.5], promised: null, promised_interval: null },
  };
}

/** A check of the quality; by default, version 1 is worse than its evaluation promised. */
export function qualityReport(changes: Partial<VersionQuality> = {}): ModelQuality {
  const version: VersionQuality = {
    ...{ version: 1, days: ["2026-02-10"], rows: 900, positives: 560, measured_rows: 900, threshold: 0.5 },
    ...{ metrics: comparedMetrics(), status: "broken", reason: "auc 0.610 on 900 scores", p_value: 1e-6 },
    ...{ strength: 1.5, onset: "2026-02-10" },
    ...changes,
  };
  return {
    ...{ status: version.status, ...(version.reason !== undefined && { reason: version.reason }), version: 1 },
    ...{ as_of: "2026-03-10", newest_day: "2026-02-17", metric: "auc", versions: [version] },
    ...{ new_days: ["2026-02-10"], checked_at: "2026-03-10T06:00:00.000Z" },
  };
}

/** The event with which SNS invokes a Lambda. */
export function topicEvent(message: unknown, subject: string | null = null) {
  const Message = typeof message === "string" ? message : JSON.stringify(message);
  const TopicArn = environment.ALERT_TOPIC_ARN;
  return {
    Records: [
      {
        EventVersion: "1.0",
        EventSource: "aws:sns",
        EventSubscriptionArn: `${TopicArn}:1`,
        Sns: {
          Type: "Notification",
          MessageId: "1",
          TopicArn,
          Subject: subject,
          Message,
          Timestamp: "2026-03-10T07:00:00Z",
        },
      },
    ],
  };
}

/** The event with which a Function URL invokes a Lambda (payload format 2.0). */
export function urlEvent(
  method: string,
  parts: { body?: string; base64?: boolean; query?: Record<string, string> } = {},
) {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/",
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    requestContext: { http: { method, path: "/", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" } },
    isBase64Encoded: parts.base64 ?? false,
    ...(parts.body !== undefined && { body: parts.body }),
    ...(parts.query !== undefined && { queryStringParameters: parts.query }),
  };
}
