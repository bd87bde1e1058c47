/** The CloudWatch metrics of a check. A skipped check has no result, so it puts no drift metrics. */
import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { DriftReport } from "../../contracts/drift-report";
import { once } from "../shared/once";

const cloudwatchClient = once(() => new CloudWatchClient({}));

/** The maximum number of data points in one request to CloudWatch. */
const mostInOneRequest = 1000;

/**
 * The data points of a check. A drift metric is the strength of the drift: 1 or more is drift, whatever the rows and the
 * pipeline's limits. That of all features is the strongest among those that the model uses.
 *
 * @param at the time at which they are put: an alarm no longer sees one that is older than the periods it looks at
 */
export function driftMetrics(report: DriftReport, environment: string, pipeline: string, at: Date): MetricDatum[] {
  const dimensions = [
    { Name: "Environment", Value: environment },
    { Name: "Pipeline", Value: pipeline },
  ];
  const point = (MetricName: string, Value: number, feature?: string): MetricDatum => ({
    MetricName,
    Value,
    Unit: "None",
    Timestamp: at,
    Dimensions: feature === undefined ? dimensions : [...dimensions, { Name: "Feature", Value: feature }],
  });
  const rows = point("ScoredRows", report.rows);
  // Before a version serves there is nothing to check.
  const skipped = report.version === null ? [] : [point("DriftChecksSkipped", report.status === "skipped" ? 1 : 0)];
  if (report.status === "skipped") return [rows, ...skipped];
  const features = Object.entries(report.features);
  const used = features.filter(([, { importance }]) => importance > 0);
  return [
    rows,
    ...skipped,
    point("FeatureDrift", Math.max(0, ...used.map(([, { strength }]) => strength))),
    ...(report.score === null ? [] : [point("ScoreDrift", report.score.strength)]),
    ...features.map(([name, { strength }]) => point("FeatureDrift", strength, name)),
  ];
}

/** Sends data points to CloudWatch. */
export async function putMetrics(namespace: string, points: readonly MetricDatum[]): Promise<void> {
  for (let start = 0; start < points.length; start += mostInOneRequest) {
    const MetricData = points.slice(start, start + mostInOneRequest);
    await cloudwatchClient().send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
  }
}
