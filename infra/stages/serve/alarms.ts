import type * as pulumi from "@pulumi/pulumi";
import { alarm } from "../../components/alarm";
import { variantName } from "../../names";
import type { StageArgs } from "../../platform";
import type { Endpoint } from "./endpoint";

/** The endpoint's alarms: they alert people, and roll back a deployment under way. Returns their names. */
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
      description: `The endpoint ${endpoint.name} answers with errors (5xx): see the log group ${endpoint.logGroup}.`,
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
      description: `The 99th percentile of the model's latency behind ${endpoint.name} is ${limit} ms or more.`,
      metric: "ModelLatency",
      statistic: "p99",
      // SageMaker measures in microseconds.
      threshold: limit * 1000,
      periods: 3,
    },
    { parent },
  );
  return [errors, latency];
}
