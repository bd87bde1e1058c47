/** The alarm on captured requests that were not answered from what is stored. */
import type * as pulumi from "@pulumi/pulumi";
import { alarm } from "../../components/alarm";
import type { Dataset } from "../../lake/dataset";
import { metricsNamespace } from "../../names";
import type { StageArgs } from "../../platform";

/** Each check puts its metric once. The alarm does not start a training run: a new model would be served as wrongly. */
export function servingAlarm(
  name: string,
  { platform, pipeline, reports }: StageArgs & { reports: Dataset },
  parent: pulumi.Resource,
): string {
  const alarmName = `${pipeline.names.prefix}-serving`;
  const percent = 100 * pipeline.spec.monitoring.serving_skew;
  alarm(
    `${name}-serving`,
    {
      alarmName,
      description:
        `${percent} % or more of the captured requests of ${pipeline.spec.name} were not answered from the stored features with the stored score. ` +
        `${reports.uri}/latest.json says which features differ, with examples by request. Compare an example's record in the online store with the feature table: ` +
        "if they differ, the run of the next day puts every record anew; if not, look for requests that do not come through the predict Lambda.",
      namespace: metricsNamespace,
      metric: "ServingSkew",
      dimensions: { Environment: platform.place.environment, Pipeline: pipeline.spec.name },
      statistic: "Maximum",
      periodSeconds: 60,
      threshold: pipeline.spec.monitoring.serving_skew,
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
  return alarmName;
}
