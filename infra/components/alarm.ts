import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import * as names from "../names";

export interface AlarmArgs {
  alarmName: string;
  /** What happened and where to look; the alert contains this text. */
  description: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, pulumi.Input<string>>;
  /** `Sum`, `Maximum`, or a percentile such as `p99`. */
  statistic: string;
  /** The alarm fires when the statistic is greater than or equal to this value. */
  threshold: number;
  periodSeconds: number;
  /** Consecutive periods that must breach the threshold. Default: 1. */
  periods?: number;
  /** How CloudWatch treats periods without data. Default: `notBreaching`. */
  missingData?: "notBreaching" | "breaching" | "ignore";
  topicArn: pulumi.Input<string>;
}

/** A CloudWatch alarm on one metric that notifies the alert topic. */
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
