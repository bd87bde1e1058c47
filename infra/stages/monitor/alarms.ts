/** The alarms of the checks: did the customers change, is serving faithful, is the model still right? */
import type * as pulumi from "@pulumi/pulumi";
import { alarm, type Runbook } from "../../components/alarm";
import type { Dataset } from "../../lake/dataset";
import { metricsNamespace } from "../../names";
import type { StageArgs } from "../../platform";

interface CheckAlarm {
  /** The end of the alarm's name. */
  suffix: string;
  metric: string;
  description: string;
  runbook: Runbook;
  /** The value of the metric at which the alarm fires. Default: 1, the strength from which a finding counts. */
  threshold?: number;
}

/** Each check puts its metrics once: a single value at the threshold is enough. Returns the alarm's name. */
function checkAlarm(
  name: string,
  { platform, pipeline }: StageArgs,
  { suffix, metric, description, runbook, threshold = 1 }: CheckAlarm,
  parent: pulumi.Resource,
): string {
  const alarmName = `${pipeline.names.prefix}-${suffix}`;
  alarm(
    `${name}-${suffix}`,
    {
      alarmName,
      description,
      runbook,
      namespace: metricsNamespace,
      metric,
      dimensions: { Environment: platform.place.environment, Pipeline: pipeline.spec.name },
      statistic: "Maximum",
      periodSeconds: 60,
      periods: 5,
      threshold,
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
  return alarmName;
}

const secondsPerDay = 24 * 3600;

/** The alarm on checks of drift without a result day after day although a version serves: nobody would know whether it drifts. */
export function skippedAlarm(name: string, { platform, pipeline }: StageArgs, parent: pulumi.Resource): void {
  const { spec } = pipeline;
  const hours = spec.monitoring.every_hours;
  // CloudWatch looks at seven days at most.
  const days = hours > 24 ? 7 : 4;
  alarm(
    `${name}-skipped`,
    {
      alarmName: `${pipeline.names.prefix}-checks-skipped`,
      description:
        `The checks of ${spec.name} for drift have had no result for days, although a version serves. Does a run score every day? See npx daybreak runs ${spec.name}. ` +
        "If it does, and each check says that another version scored the day, versions are deployed more often than days are scored.",
      runbook: "checks-skipped",
      namespace: metricsNamespace,
      metric: "DriftChecksSkipped",
      dimensions: { Environment: platform.place.environment, Pipeline: spec.name },
      // 1 if every check of the day was skipped.
      statistic: "Minimum",
      threshold: 1,
      periodSeconds: secondsPerDay,
      periods: days,
      breaching: Math.max(1, Math.min(3, Math.floor((days * 24) / hours))),
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
}

/** The alarms on drift of the features and of the scores, which start a training run. */
export function driftAlarms(name: string, args: StageArgs, reports: Dataset, parent: pulumi.Resource): string[] {
  const declare = (suffix: string, metric: string, what: string) =>
    checkAlarm(
      name,
      args,
      {
        suffix: `drift-${suffix}`,
        metric,
        description: `${what} of ${args.pipeline.spec.name} have drifted: the day's rows differ from the evaluation rows of the serving version by more than chance. See ${reports.uri}/latest.json for the report.`,
        runbook: "drift",
      },
      parent,
    );
  return [declare("features", "FeatureDrift", "Features"), declare("scores", "ScoreDrift", "The scores")];
}

/** The alarm on a version that is worse than its evaluation promised, which starts a training run. */
export function qualityAlarm(name: string, args: StageArgs, reports: Dataset, parent: pulumi.Resource): string {
  return checkAlarm(
    name,
    args,
    {
      suffix: "quality",
      metric: "QualityShortfall",
      description: `The serving version of ${args.pipeline.spec.name} is worse than its evaluation promised: its scores, joined with what happened, fall short by more than chance. See ${reports.uri}/latest.json for the report.`,
      runbook: "quality-below-promise",
    },
    parent,
  );
}

/**
 * The alarm on captured requests that were not answered from what is stored. It does not start a training run: a new model
 * would be served as wrongly.
 */
export function servingAlarm(name: string, args: StageArgs, reports: Dataset, parent: pulumi.Resource): string {
  const { spec } = args.pipeline;
  const percent = 100 * spec.monitoring.serving_skew;
  return checkAlarm(
    name,
    args,
    {
      suffix: "serving",
      metric: "ServingSkew",
      threshold: spec.monitoring.serving_skew,
      description:
        `${percent} % or more of the captured requests of ${spec.name} were not answered from the stored features with the stored score. ` +
        `${reports.uri}/latest.json says which features differ, with examples by request. Compare an example's record in the online store with the feature table: ` +
        "if they differ, the run of the next day puts every record anew; if not, look for requests that do not come through the predict Lambda.",
      runbook: "serving-skew",
    },
    parent,
  );
}
