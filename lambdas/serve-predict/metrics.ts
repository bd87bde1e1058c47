/** The metric of refused requests. */

/** Refused requests of a pipeline. */
export const staleRequests = "StaleRequests";

/**
 * A line of the log from which CloudWatch makes a data point (embedded metric format): a call of PutMetricData would make the
 * caller wait.
 */
export function staleRequestLine(namespace: string, environment: string, pipeline: string, at: Date): string {
  return JSON.stringify({
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [["Environment", "Pipeline"]],
          Metrics: [{ Name: staleRequests, Unit: "Count" }],
        },
      ],
    },
    Environment: environment,
    Pipeline: pipeline,
    [staleRequests]: 1,
  });
}

/** Counts a refused request. Not with console.log, which would put text before the JSON. */
export function countStaleRequest(namespace: string, environment: string, pipeline: string): void {
  process.stdout.write(`${staleRequestLine(namespace, environment, pipeline, new Date())}\n`);
}
