import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { alarm } from "../components/alarm";
import { logGroup } from "../components/log-group";
import { ServiceRole } from "../components/service-role";
import type { Statement } from "../iam/statements";
import { listFolders, useKey } from "../iam/storage";
import { zoneFolder } from "../names";
import type { StageArgs } from "../platform";

/** How long events wait in the stream should Firehose stand still: a long weekend. */
const retentionHours = 72;

/** Takes events in: a stream, and what writes them to the lake, one event a line. */
export class Ingest extends pulumi.ComponentResource {
  readonly streamName: pulumi.Output<string>;

  constructor(name: string, args: StageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Ingest", name, {}, options);
    const { platform, pipeline } = args;
    const { config } = platform;
    const inside = { parent: this };
    const stream = new aws.kinesis.Stream(
      `${name}-stream`,
      {
        name: pipeline.names.stream,
        encryptionType: "KMS",
        kmsKeyId: platform.dataKeyArn,
        retentionPeriod: retentionHours,
        ...(config.streamShards === undefined
          ? { streamModeDetails: { streamMode: "ON_DEMAND" } }
          : { streamModeDetails: { streamMode: "PROVISIONED" }, shardCount: config.streamShards }),
      },
      inside,
    );
    this.streamName = stream.name;

    const group = `/aws/kinesisfirehose/${pipeline.names.deliveryStream}`;
    const logs = logGroup(`${name}-logs`, group, platform, inside);
    const logStream = new aws.cloudwatch.LogStream(
      `${name}-log-stream`,
      { name: "delivery", logGroupName: logs.name },
      inside,
    );
    const role = new ServiceRole(
      name,
      {
        roleName: `${pipeline.names.prefix}-ingest`,
        service: "firehose.amazonaws.com",
        accountId: platform.place.accountId,
        description: "Firehose: from the event stream to the lake",
        statements: deliveryStatements(args, stream.arn, logs.arn),
      },
      inside,
    );
    new aws.kinesis.FirehoseDeliveryStream(
      `${name}-delivery`,
      {
        name: pipeline.names.deliveryStream,
        destination: "extended_s3",
        kinesisSourceConfiguration: { kinesisStreamArn: stream.arn, roleArn: role.arn },
        extendedS3Configuration: {
          bucketArn: platform.lake.arn,
          roleArn: role.arn,
          kmsKeyArn: platform.dataKeyArn,
          prefix: `${zoneFolder("raw", pipeline.spec.name)}!{timestamp:yyyy/MM/dd/HH}/`,
          errorOutputPrefix: `${zoneFolder("raw-errors", pipeline.spec.name)}!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/`,
          bufferingInterval: config.firehoseBufferSeconds,
          bufferingSize: config.firehoseBufferMegabytes,
          compressionFormat: "GZIP",
          processingConfiguration: {
            enabled: true,
            processors: [
              {
                type: "AppendDelimiterToRecord",
                parameters: [{ parameterName: "Delimiter", parameterValue: "\\n" }],
              },
            ],
          },
          cloudwatchLoggingOptions: { enabled: true, logGroupName: logs.name, logStreamName: logStream.name },
        },
      },
      inside,
    );
    alarm(
      `${name}-freshness`,
      {
        alarmName: `${pipeline.names.prefix}-delivery-late`,
        description:
          `Events wait too long on their way to the lake (${pipeline.names.deliveryStream}). ` +
          `They are kept in the stream for ${retentionHours} hours; the log group ${group} says what stops them.`,
        namespace: "AWS/Firehose",
        metric: "DeliveryToS3.DataFreshness",
        dimensions: { DeliveryStreamName: pipeline.names.deliveryStream },
        statistic: "Maximum",
        threshold: config.firehoseBufferSeconds + 900,
        periodSeconds: 300,
        periods: 2,
        topicArn: platform.alertsTopicArn,
      },
      inside,
    );
    this.registerOutputs({ streamName: this.streamName });
  }
}

function deliveryStatements(
  { platform, pipeline }: StageArgs,
  streamArn: pulumi.Output<string>,
  logGroupArn: pulumi.Output<string>,
): Statement[] {
  const folders = [zoneFolder("raw", pipeline.spec.name), zoneFolder("raw-errors", pipeline.spec.name)];
  return [
    {
      sid: "ReadStream",
      actions: [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ],
      resources: [streamArn],
    },
    {
      sid: "WriteFiles",
      actions: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
      resources: folders.map((folder) => pulumi.interpolate`${platform.lake.arn}/${folder}*`),
    },
    {
      sid: "LookAtLake",
      actions: ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
      resources: [platform.lake.arn],
    },
    listFolders("Lake", platform.lake.arn, folders),
    useKey("Data", platform.dataKeyArn),
    { sid: "WriteLogs", actions: ["logs:PutLogEvents"], resources: [pulumi.interpolate`${logGroupArn}:*`] },
  ];
}
