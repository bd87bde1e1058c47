import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as names from "../names";

/** The sections of docs/runbooks.md: what to do when an alarm fires. */
export type Runbook =
  | "alerts-not-posted"
  | "checks-skipped"
  | "delivery-late"
  | "delivery-stopped"
  | "drift"
  | "endpoint-errors"
  | "endpoint-full"
  | "endpoint-idle"
  | "endpoint-latency"
  | "event-not-processed"
  | "predictions-fail"
  | "quality-below-promise"
  | "serving-skew"
  | "workflow-failed"
  | "workflow-timed-out";

/** An alarm's description, with which its alert says what happened and what to do. */
const alarmText = (description: string, runbook: Runbook): string =>
  `${description} Runbook: docs/runbooks.md#${runbook}`;

export interface AlarmArgs {
  alarmName: string;
  /** What happened and where to look; the alert contains this text, and the runbook's place. */
  description: string;
  runbook: Runbook;
  namespace: string;
  metric: string;
  dimensions: Record<string, pulumi.Input<string>>;
  /** `Sum`, `Maximum`, `SampleCount`, or a percentile such as `p99`. */
  statistic: string;
  /** A period breaches when the statistic is greater than or equal to this value. */
  threshold: number;
  periodSeconds: number;
  /**
   * The alarm fires when `breaching` of the last `periods` breach. Default: 1 of 3, for a metric that has a value only when
   * something happens. CloudWatch gets a value minutes after its time, and a single period would be over by then.
   */
  periods?: number;
  breaching?: number;
  /** How CloudWatch treats periods without data. Default: `notBreaching`. */
  missingData?: "notBreaching" | "breaching" | "ignore";
  /** Where it publishes; nowhere if it is a part of another alarm. */
  topicArn?: pulumi.Input<string>;
  /** Default: `GreaterThanOrEqualToThreshold`. */
  comparison?: "LessThanThreshold";
}

/** A CloudWatch alarm on one metric. */
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
      alarmDescription: alarmText(args.description, args.runbook),
      namespace: args.namespace,
      metricName: args.metric,
      dimensions: args.dimensions,
      ...(percentile ? { extendedStatistic: args.statistic } : { statistic: args.statistic }),
      comparisonOperator: args.comparison ?? "GreaterThanOrEqualToThreshold",
      threshold: args.threshold,
      period: args.periodSeconds,
      evaluationPeriods: args.periods ?? 3,
      datapointsToAlarm: args.breaching ?? 1,
      treatMissingData: args.missingData ?? "notBreaching",
      ...(args.topicArn === undefined ? {} : { alarmActions: [args.topicArn] }),
    },
    options,
  );
}

export interface JointAlarmArgs extends Pick<AlarmArgs, "alarmName" | "description" | "runbook"> {
  /** The alarms that must fire together, or of which one is enough; they publish nothing themselves. */
  parts: readonly aws.cloudwatch.MetricAlarm[];
  fires: "with all" | "with any";
  topicArn: pulumi.Input<string>;
}

/** An alarm that fires while others do. */
export function jointAlarm(
  name: string,
  { alarmName, description, runbook, parts, fires, topicArn }: JointAlarmArgs,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.CompositeAlarm {
  return new aws.cloudwatch.CompositeAlarm(
    name,
    {
      alarmName: names.alarm(alarmName),
      alarmDescription: alarmText(description, runbook),
      alarmRule: pulumi
        .all(parts.map((part) => part.name))
        .apply((all) => all.map((part) => `ALARM("${part}")`).join(fires === "with all" ? " AND " : " OR ")),
      alarmActions: [topicArn],
    },
    options,
  );
}
