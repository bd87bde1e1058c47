/** The CloudWatch metrics of a check. A skipped check has no result, so it puts no drift metrics. */
import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { DriftReport } from "../../contracts/drift-report";
import { once } from "../shared/once";

const cloudwatchClient = once(() => new CloudWatchClient({}));

/** The maximum number of data points in one request to CloudWatch. */
const mostInOneRequest = 1000;

/** The data points of a check. */
export function driftMetrics(report: DriftReport, environment: string, pipeline: string): MetricDatum[] {
  const dimensions = [
    { Name: "Environment", Value: environment },
    { Name: "Pipeline", Value: pipeline },
  ];
  const point = (MetricName: string, Value: number, feature?: string): MetricDatum => ({
    MetricName,
    Value,
    Unit: "None",
    Timestamp: new Date(report.checked_at),
    Dimensions: feature === undefined ? dimensions : [...dimensions, { Name: "Feature", Value: feature }],
  });
  const samples = point("MonitoredSamples", report.samples);
  if (report.status === "skipped") return [samples, point("DriftChecksSkipped", 1)];
  const features = Object.entries(report.features);
  return [
    samples,
    point("DriftedFeatures", features.filter(([, { drifted }]) => drifted).length),
    ...(report.prediction === null ? [] : [point("PredictionDrift", report.prediction.psi)]),
    ...features.map(([name, { psi }]) => point("FeatureDrift", psi, name)),
  ];
}

/** Sends data points to CloudWatch. */
export async function putMetrics(namespace: string, points: readonly MetricDatum[]): Promise<void> {
  for (let start = 0; start < points.length; start += mostInOneRequest) {
    const MetricData = points.slice(start, start + mostInOneRequest);
    await cloudwatchClient().send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
  }
}
