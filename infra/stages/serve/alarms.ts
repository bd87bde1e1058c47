import type * as pulumi from "@pulumi/pulumi";
import { alarm } from "../../components/alarm";
import { metricsNamespace, variantName } from "../../names";
import type { StageArgs } from "../../platform";
import type { Endpoint } from "./endpoint";

/**
 * The endpoint's alarms, which publish alerts and roll back a deployment in progress.
 *
 * @returns the alarms' names
 */
export function endpointAlarms(
  name: string,
  { platform, pipeline, endpoint }: StageArgs & { endpoint: Endpoint },
  parent: pulumi.Resource,
): string[] {
  const common = {
    namespace: "AWS/SageMaker",
    dimensions: { EndpointName: endpoint.name, VariantName: variantName },
    periodSeconds: 60,
    topicArn: platform.alertTopicArn,
  };
  const errors = `${pipeline.names.prefix}-endpoint-errors`;
  alarm(
    `${name}-errors`,
    {
      ...common,
      alarmName: errors,
      description: `The endpoint ${endpoint.name} returns 5xx errors. See the log group ${endpoint.logGroup} for the cause.`,
      runbook: "endpoint-errors",
      metric: "Invocation5XXErrors",
      statistic: "Sum",
      threshold: 1,
    },
    { parent },
  );
  const latency = `${pipeline.names.prefix}-endpoint-latency`;
  const limit = pipeline.spec.serving.latency_alarm_ms;
  alarm(
    `${name}-latency`,
    {
      ...common,
      alarmName: latency,
      description: `The p99 model latency of the endpoint ${endpoint.name} has been ${limit} ms or more for 3 minutes.`,
      runbook: "endpoint-latency",
      metric: "ModelLatency",
      statistic: "p99",
      // ModelLatency is in microseconds.
      threshold: limit * 1000,
      periods: 3,
      breaching: 3,
    },
    { parent },
  );
  return [errors, latency];
}

/** The alarm on predictions that fail for another reason than the question, such as features or an endpoint that cannot be read. */
export function predictAlarm(
  name: string,
  { platform, pipeline }: StageArgs,
  functionName: string,
  parent: pulumi.Resource,
) {
  alarm(
    `${name}-predict-failed`,
    {
      alarmName: `${pipeline.names.prefix}-predict-failed`,
      description: `Requests for predictions of ${pipeline.spec.name} fail. See the log group /aws/lambda/${functionName} for the cause.`,
      runbook: "predictions-fail",
      namespace: metricsNamespace,
      metric: "FailedRequests",
      dimensions: { Environment: platform.place.environment, Pipeline: pipeline.spec.name },
      statistic: "Sum",
      threshold: 1,
      periodSeconds: 300,
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
}
