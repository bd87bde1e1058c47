/** The dashboard graphs of the serve stage. */
import type { Graph } from "../../components/dashboard";
import { metricsNamespace, variantName } from "../../names";
import type { StageArgs } from "../../platform";
import type { Endpoint } from "./endpoint";

export function serveGraphs(
  { platform, pipeline, endpoint }: StageArgs & { endpoint: Endpoint },
  predictFunction: string,
): Graph[] {
  const own = ["Environment", platform.place.environment, "Pipeline", pipeline.spec.name];
  const variant = ["EndpointName", endpoint.name, "VariantName", variantName];
  return [
    {
      title: "Serve: endpoint requests and errors",
      stat: "Sum",
      periodSeconds: 60,
      metrics: [
        ["AWS/SageMaker", "Invocations", ...variant, { label: "requests" }],
        ["AWS/SageMaker", "Invocation5XXErrors", ...variant, { label: "5xx" }],
        ["AWS/SageMaker", "Invocation4XXErrors", ...variant, { label: "4xx" }],
        [metricsNamespace, "StaleRequests", ...own, { label: "refused: old features" }],
        [metricsNamespace, "FailedRequests", ...own, { label: "failed predictions" }],
        ["AWS/Lambda", "Url5xxCount", "FunctionName", predictFunction, { label: "unanswered predictions" }],
        ["AWS/Lambda", "Throttles", "FunctionName", predictFunction, { label: "throttled predictions" }],
      ],
    },
    {
      title: "Serve: latency (microseconds)",
      stat: "p99",
      periodSeconds: 60,
      limit: { label: "alarm", value: pipeline.spec.serving.latency_alarm_ms * 1000 },
      metrics: [
        ["AWS/SageMaker", "ModelLatency", ...variant, { stat: "p50", label: "p50" }],
        ["AWS/SageMaker", "ModelLatency", ...variant, { stat: "p99", label: "p99" }],
        ["AWS/SageMaker", "OverheadLatency", ...variant, { stat: "p99", label: "overhead p99" }],
      ],
    },
  ];
}
