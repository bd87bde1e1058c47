import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import * as names from "../names";

export interface AlarmArgs {
  /** The physical name. */
  alarmName: string;
  /** What it means and what to do; people read it in the alert. */
  description: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, pulumi.Input<string>>;
  /** `Sum`, `Maximum`, or a percentile such as `p99`. */
  statistic: string;
  /** The alarm goes off at this value and above. */
  threshold: number;
  periodSeconds: number;
  /** How many periods in a row; one unless said. */
  periods?: number;
  /** What no data means; that all is well unless said. */
  missingData?: "notBreaching" | "breaching" | "ignore";
  topicArn: pulumi.Input<string>;
}

/** An alarm on one metric that tells people through the alerts topic. */
export function alarm(
  name: string,
  args: AlarmArgs,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  const percentile = args.statistic.startsWith("p");
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      name: names.alarm(args.alarmName),
      alarmDescription: args.description,
      namespace: args.namespace,
      metricName: args.metric,
      dimensions: args.dimensions,
      ...(percentile ? { extendedStatistic: args.statistic } : { statistic: args.statistic }),
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: args.threshold,
      period: args.periodSeconds,
      evaluationPeriods: args.periods ?? 1,
      treatMissingData: args.missingData ?? "notBreaching",
      alarmActions: [args.topicArn],
    },
    options,
  );
}
