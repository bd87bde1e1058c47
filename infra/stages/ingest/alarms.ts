/** The alarms on the delivery of events to the lake. */
import type * as pulumi from "@pulumi/pulumi";
import { alarm, jointAlarm } from "../../components/alarm";
import type { StageArgs } from "../../platform";

/**
 * What Firehose delivers late, and what it does not read at all, such as with a role that may not: it then has no event
 * whose delivery could be late.
 *
 * @param logGroup the log group of Firehose
 */
export function deliveryAlarms(
  name: string,
  { platform, pipeline }: StageArgs,
  logGroup: string,
  parent: pulumi.Resource,
): void {
  const { prefix, stream, deliveryStream } = pipeline.names;
  const cause = `The Kinesis stream keeps them for ${platform.config.streamRetentionHours} hours. See the log group ${logGroup} for the cause.`;
  const delivery = { namespace: "AWS/Firehose", dimensions: { DeliveryStreamName: deliveryStream } };
  alarm(
    `${name}-freshness`,
    {
      ...delivery,
      alarmName: `${prefix}-delivery-late`,
      description: `Firehose (${deliveryStream}) delivers events to the lake late. ${cause}`,
      runbook: "delivery-late",
      metric: "DeliveryToS3.DataFreshness",
      statistic: "Maximum",
      threshold: platform.config.firehoseBufferSeconds + 900,
      periodSeconds: 300,
      periods: 2,
      breaching: 2,
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
  const hourly = { statistic: "Sum", threshold: 1, periodSeconds: 3600 };
  const arriving = alarm(
    `${name}-arriving`,
    {
      ...hourly,
      alarmName: `${prefix}-events-arrive`,
      description: `Not a fault: events of ${pipeline.spec.name} have arrived for two hours. A part of ${prefix}-delivery-stopped.`,
      runbook: "delivery-stopped",
      namespace: "AWS/Kinesis",
      metric: "IncomingRecords",
      dimensions: { StreamName: stream },
      // Two hours, so that Firehose has had time to read what came first.
      periods: 2,
      breaching: 2,
    },
    { parent },
  );
  const unread = alarm(
    `${name}-unread`,
    {
      ...hourly,
      ...delivery,
      alarmName: `${prefix}-events-unread`,
      description: `Not a fault in itself: Firehose (${deliveryStream}) has read no event for an hour. A part of ${prefix}-delivery-stopped.`,
      runbook: "delivery-stopped",
      metric: "DataReadFromKinesisStream.Records",
      comparison: "LessThanThreshold",
      missingData: "breaching",
      periods: 1,
    },
    { parent },
  );
  jointAlarm(
    `${name}-stopped`,
    {
      alarmName: `${prefix}-delivery-stopped`,
      description: `Events of ${pipeline.spec.name} arrive, and Firehose (${deliveryStream}) reads none of them. ${cause}`,
      runbook: "delivery-stopped",
      fires: "with all",
      parts: [arriving, unread],
      topicArn: platform.alertTopicArn,
    },
    { parent },
  );
}
