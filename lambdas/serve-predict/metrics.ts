/** The metrics of requests that got no prediction. */

/** Requests that were refused because their features are old, and requests that failed for another reason than the question. */
export type RequestMetric = "StaleRequests" | "FailedRequests";

/**
 * A line of the log from which CloudWatch makes a data point (embedded metric format): a call of PutMetricData would make the
 * caller wait.
 */
export function requestLine(metric: RequestMetric, at: Date): string {
  const { POWERTOOLS_METRICS_NAMESPACE, DAYBREAK_ENVIRONMENT, DAYBREAK_PIPELINE } = process.env;
  return JSON.stringify({
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: POWERTOOLS_METRICS_NAMESPACE,
          Dimensions: [["Environment", "Pipeline"]],
          Metrics: [{ Name: metric, Unit: "Count" }],
        },
      ],
    },
    Environment: DAYBREAK_ENVIRONMENT,
    Pipeline: DAYBREAK_PIPELINE,
    [metric]: 1,
  });
}

/** Counts a request. Not with console.log, which would put text before the JSON. */
export function countRequest(metric: RequestMetric): void {
  process.stdout.write(`${requestLine(metric, new Date())}\n`);
}
