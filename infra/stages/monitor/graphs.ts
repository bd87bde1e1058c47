/** The dashboard graphs of the monitor stage. */
import type { Graph, Metric } from "../../components/dashboard";
import { metricsNamespace } from "../../names";
import type { StageArgs } from "../../platform";

export function monitorGraphs({ platform, pipeline }: StageArgs): Graph[] {
  const { spec } = pipeline;
  const own = ["Environment", platform.place.environment, "Pipeline", spec.name];
  const limit = { label: "drift", value: 1 };
  return [
    {
      title: "Monitor: strength of drift per feature (1 is drift)",
      stat: "Maximum",
      periodSeconds: 3600,
      limit,
      metrics: Object.keys(spec.features.columns).map(
        (feature): Metric => [metricsNamespace, "FeatureDrift", ...own, "Feature", feature, { label: feature }],
      ),
    },
    {
      title: "Monitor: strength of score drift (1 is drift), rows per check, skipped checks",
      stat: "Maximum",
      periodSeconds: 3600,
      limit,
      metrics: [
        [metricsNamespace, "ScoreDrift", ...own, { label: "scores" }],
        [metricsNamespace, "ScoredRows", ...own, { label: "rows", yAxis: "right" }],
        [metricsNamespace, "DriftChecksSkipped", ...own, { stat: "Sum", label: "skipped checks", yAxis: "right" }],
      ],
    },
    {
      title: "Monitor: captured requests that were not answered from what is stored (share)",
      stat: "Maximum",
      periodSeconds: 3600,
      limit: { label: "alarm", value: spec.monitoring.serving_skew },
      metrics: [[metricsNamespace, "ServingSkew", ...own, { label: "share" }]],
    },
    {
      title: "Monitor: shortfall of the quality from the evaluation's promise (1 is broken)",
      stat: "Maximum",
      periodSeconds: 3600,
      limit: { label: "broken", value: 1 },
      metrics: [[metricsNamespace, "QualityShortfall", ...own, { label: "shortfall" }]],
    },
  ];
}
