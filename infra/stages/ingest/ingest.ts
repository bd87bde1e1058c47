import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Graph } from "../../components/dashboard";
import { logGroup } from "../../components/log-group";
import { ServiceRole } from "../../components/service-role";
import type { Statement } from "../../iam/statements";
import { useKey } from "../../iam/storage";
import { type Dataset, datasetStatements } from "../../lake/dataset";
import type { StageArgs } from "../../platform";
import { deliveryAlarms } from "./alarms";
import { ingestGraphs } from "./graphs";
import { rawTable } from "./raw-table";

export interface IngestArgs extends StageArgs {
  database: pulumi.Input<string>;
  writes: { rawEvents: Dataset; rawErrors: Dataset };
}

/** The ingest stage: a Kinesis stream, and Firehose, which writes its events to the lake, one JSON object per line. */
export class Ingest extends pulumi.ComponentResource {
  readonly streamName: pulumi.Output<string>;
  readonly rawEvents: Dataset;
  readonly graphs: Graph[];

  constructor(name: string, args: IngestArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Ingest", name, {}, options);
    const { platform, pipeline } = args;
    const { rawEvents, rawErrors } = args.writes;
    this.rawEvents = rawEvents;
    this.graphs = ingestGraphs(pipeline.names);
    const { config } = platform;
    const inside = { parent: this };
    const stream = new aws.kinesis.Stream(
      `${name}-stream`,
      {
        name: pipeline.names.stream,
        encryptionType: "KMS",
        kmsKeyId: platform.dataKeyArn,
        retentionPeriod: config.streamRetentionHours,
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
        description: "Firehose: delivers events from the Kinesis stream to the lake",
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
          bucketArn: platform.lakeBucket.arn,
          roleArn: role.arn,
          kmsKeyArn: platform.dataKeyArn,
          prefix: `${rawEvents.folder}/!{timestamp:yyyy/MM/dd/HH}/`,
          errorOutputPrefix: `${rawErrors.folder}/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/`,
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
    deliveryAlarms(name, args, group, this);
    rawTable(`${name}-raw`, { pipeline, database: args.database, rawEvents }, inside);
    this.registerOutputs({ streamName: this.streamName });
  }
}

function deliveryStatements(
  { platform, writes }: IngestArgs,
  streamArn: pulumi.Output<string>,
  logGroupArn: pulumi.Output<string>,
): Statement[] {
  const datasets = Object.values(writes);
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
    // Firehose also reads what it writes: AWS requires it for S3 destinations, to resume interrupted uploads.
    ...datasetStatements({ reads: datasets, writes: datasets }),
    {
      sid: "LookAtLake",
      actions: ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
      resources: [platform.lakeBucket.arn],
    },
    useKey("Data", platform.dataKeyArn),
    { sid: "WriteLogs", actions: ["logs:PutLogEvents"], resources: [pulumi.interpolate`${logGroupArn}:*`] },
  ];
}
