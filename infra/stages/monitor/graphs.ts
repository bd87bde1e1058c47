/** The dashboard graphs of the monitor stage. */
import type { Graph, Metric } from "../../components/dashboard";
import { metricsNamespace } from "../../names";
import type { StageArgs } from "../../platform";

export function monitorGraphs({ platform, pipeline }: StageArgs): Graph[] {
  const { spec } = pipeline;
  const own = ["Environment", platform.place.environment, "Pipeline", spec.name];
  return [
    {
      title: "Monitor: drift per feature (PSI)",
      stat: "Maximum",
      periodSeconds: 3600,
      limit: { label: "drift", value: spec.monitoring.feature_psi },
      metrics: Object.keys(spec.features.columns).map(
        (feature): Metric => [metricsNamespace, "FeatureDrift", ...own, "Feature", feature, { label: feature }],
      ),
    },
    {
      title: "Monitor: prediction drift (PSI), requests per check, skipped checks",
      stat: "Maximum",
      periodSeconds: 3600,
      limit: { label: "drift", value: spec.monitoring.prediction_psi },
      metrics: [
        [metricsNamespace, "PredictionDrift", ...own, { label: "predictions" }],
        [metricsNamespace, "MonitoredSamples", ...own, { label: "requests", yAxis: "right" }],
        [metricsNamespace, "DriftChecksSkipped", ...own, { stat: "Sum", label: "skipped checks", yAxis: "right" }],
      ],
    },
  ];
}
