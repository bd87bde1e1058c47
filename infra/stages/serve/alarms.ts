import type * as pulumi from "@pulumi/pulumi";
import { alarm, jointAlarm } from "../../components/alarm";
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

/**
 * The alarm on predictions that fail for another reason than the question: what the Lambda counts itself, such as features or an
 * endpoint that cannot be read, and what only AWS can count, because the Lambda did not come to it.
 */
export function predictAlarm(
  name: string,
  { platform, pipeline }: StageArgs,
  functionName: string,
  parent: pulumi.Resource,
) {
  const { prefix } = pipeline.names;
  const whole = `${prefix}-predictions-fail`;
  const part = { runbook: "predictions-fail", statistic: "Sum", threshold: 1, periodSeconds: 300 } as const;
  const ofLambda = { ...part, namespace: "AWS/Lambda", dimensions: { FunctionName: functionName } };
  const failed = alarm(
    `${name}-predict-failed`,
    {
      ...part,
      alarmName: `${prefix}-predict-failed`,
      description: `Requests for predictions of ${pipeline.spec.name} failed. A part of ${whole}.`,
      namespace: metricsNamespace,
      metric: "FailedRequests",
      dimensions: { Environment: platform.place.environment, Pipeline: pipeline.spec.name },
    },
    { parent },
  );
  const unanswered = alarm(
    `${name}-predict-unanswered`,
    {
      ...ofLambda,
      alarmName: `${prefix}-predict-unanswered`,
      description: `The URL of ${functionName} answered with 5xx, which it also does when the Lambda crashes or takes too long. A part of ${whole}.`,
      // Not Errors: a Lambda that is invoked directly counts refused questions there, too.
      metric: "Url5xxCount",
    },
    { parent },
  );
  const throttled = alarm(
    `${name}-predict-throttled`,
    {
      ...ofLambda,
      alarmName: `${prefix}-predict-throttled`,
      description: `Requests for predictions were refused, because as many Lambdas were running as the account may run. A part of ${whole}.`,
      metric: "Throttles",
    },
    { parent },
  );
  jointAlarm(
    `${name}-predictions-fail`,
    {
      alarmName: whole,
      description: `Requests for predictions of ${pipeline.spec.name} fail. See the log group /aws/lambda/${functionName} for the cause.`,
      runbook: "predictions-fail",
      parts: [failed, unanswered, throttled],
      fires: "with any",
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
}

/**
 * The alarm on an endpoint that cannot grow with its requests. No metric says how many instances it has; that each gets more than it
 * should for longer than new ones take to start says that none come.
 */
export function fullAlarm(
  name: string,
  { platform, pipeline, endpoint }: StageArgs & { endpoint: Endpoint },
  parent: pulumi.Resource,
): void {
  const { autoscaling } = pipeline.spec.serving;
  if (autoscaling === undefined) return;
  const { requests_per_instance: wanted, max_instances: most } = autoscaling;
  alarm(
    `${name}-full`,
    {
      alarmName: `${pipeline.names.prefix}-endpoint-full`,
      description: `Each instance of the endpoint ${endpoint.name} has got more than ${wanted} requests a minute for half an hour: it has ${most} instances already, or no more come.`,
      runbook: "endpoint-full",
      namespace: "AWS/SageMaker",
      metric: "InvocationsPerInstance",
      dimensions: { EndpointName: endpoint.name, VariantName: variantName },
      statistic: "Sum",
      threshold: wanted + 1,
      periodSeconds: 60,
      periods: 30,
      breaching: 30,
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
}

/** The alarm on an endpoint that has run for a week, and bills by the hour, although nobody asks it. */
export function idleAlarm(
  name: string,
  { platform, pipeline, endpoint }: StageArgs & { endpoint: Endpoint },
  parent: pulumi.Resource,
): void {
  const { prefix } = pipeline.names;
  // CloudWatch looks at seven days at most.
  const week = { periodSeconds: 24 * 3600, periods: 7, breaching: 7, threshold: 1, runbook: "endpoint-idle" } as const;
  const dimensions = { EndpointName: endpoint.name, VariantName: variantName };
  const runs = alarm(
    `${name}-runs`,
    {
      ...week,
      alarmName: `${prefix}-endpoint-runs`,
      description: `Not a fault: the endpoint ${endpoint.name} has run for a week. A part of ${prefix}-endpoint-idle.`,
      // Its instances report every minute.
      namespace: "/aws/sagemaker/Endpoints",
      metric: "CPUUtilization",
      dimensions,
      statistic: "SampleCount",
    },
    { parent },
  );
  const unused = alarm(
    `${name}-unused`,
    {
      ...week,
      alarmName: `${prefix}-endpoint-unused`,
      description: `Not a fault in itself: nobody has asked the endpoint ${endpoint.name} for a week. A part of ${prefix}-endpoint-idle.`,
      // Without a request there is no value.
      namespace: "AWS/SageMaker",
      metric: "Invocations",
      dimensions,
      statistic: "Sum",
      comparison: "LessThanThreshold",
      missingData: "breaching",
    },
    { parent },
  );
  jointAlarm(
    `${name}-idle`,
    {
      alarmName: `${prefix}-endpoint-idle`,
      description: `The endpoint ${endpoint.name} has run for a week without a request. Its instances bill by the hour.`,
      runbook: "endpoint-idle",
      fires: "with all",
      parts: [runs, unused],
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
}
