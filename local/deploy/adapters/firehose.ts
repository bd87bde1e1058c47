import {
  type CompressionFormat,
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  type ProcessorParameterName,
  type ProcessorType,
  TagDeliveryStreamCommand,
  UntagDeliveryStreamCommand,
  UpdateDestinationCommand,
} from "@aws-sdk/client-firehose";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { removedTags, required, tagList, tags, waitFor } from "./shared";

/** What the real provider fills in when the program leaves it out. */
const DEFAULT_BUFFERING_MIB = 5;
const DEFAULT_BUFFERING_SECONDS = 300;

const destinationInputs = z.strictObject({
  bucketArn: z.string(),
  roleArn: z.string(),
  bufferingInterval: z.number().optional(),
  bufferingSize: z.number().optional(),
  compressionFormat: z.string().optional(),
  customTimeZone: z.string().optional(),
  fileExtension: z.string().optional(),
  errorOutputPrefix: z.string().optional(),
  prefix: z.string().optional(),
  kmsKeyArn: z.string().optional(),
  cloudwatchLoggingOptions: z
    .strictObject({
      enabled: z.boolean().optional(),
      logGroupName: z.string().optional(),
      logStreamName: z.string().optional(),
    })
    .optional(),
  processingConfiguration: z
    .strictObject({
      enabled: z.boolean().optional(),
      processors: z
        .array(
          z.strictObject({
            type: z.string(),
            parameters: z.array(z.strictObject({ parameterName: z.string(), parameterValue: z.string() })).optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

const inputs = z.strictObject({
  name: z.string().optional(),
  destination: z.literal("extended_s3"),
  extendedS3Configuration: destinationInputs,
  kinesisSourceConfiguration: z.strictObject({ kinesisStreamArn: z.string(), roleArn: z.string() }).optional(),
  tags,
});

/** The destination as the Firehose API takes it. */
export function s3Destination(wanted: z.output<typeof destinationInputs>): ExtendedS3DestinationConfiguration {
  const { cloudwatchLoggingOptions: logging, processingConfiguration: processing } = wanted;
  return {
    BucketARN: wanted.bucketArn,
    RoleARN: wanted.roleArn,
    Prefix: wanted.prefix,
    ErrorOutputPrefix: wanted.errorOutputPrefix,
    CompressionFormat: wanted.compressionFormat as CompressionFormat | undefined,
    CustomTimeZone: wanted.customTimeZone,
    FileExtension: wanted.fileExtension,
    BufferingHints: {
      SizeInMBs: wanted.bufferingSize ?? DEFAULT_BUFFERING_MIB,
      IntervalInSeconds: wanted.bufferingInterval ?? DEFAULT_BUFFERING_SECONDS,
    },
    EncryptionConfiguration: wanted.kmsKeyArn
      ? { KMSEncryptionConfig: { AWSKMSKeyARN: wanted.kmsKeyArn } }
      : { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: logging && {
      Enabled: logging.enabled,
      LogGroupName: logging.logGroupName,
      LogStreamName: logging.logStreamName,
    },
    ProcessingConfiguration: processing && {
      Enabled: processing.enabled,
      Processors: processing.processors?.map(({ type, parameters }) => ({
        Type: type as ProcessorType,
        Parameters: parameters?.map(({ parameterName, parameterValue }) => ({
          ParameterName: parameterName as ProcessorParameterName,
          ParameterValue: parameterValue,
        })),
      })),
    },
  };
}

async function describe({ clients }: AdapterContext, DeliveryStreamName: string) {
  return waitFor(`the delivery stream ${DeliveryStreamName} to become active`, async () => {
    const answer = await clients.firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
    const description = required(answer.DeliveryStreamDescription, "the delivery stream's description");
    return description.DeliveryStreamStatus === "ACTIVE" ? description : undefined;
  });
}

const deliveryStream = defineAdapter({
  type: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
  inputs,
  replaceOn: ["name", "kinesisSourceConfiguration", "destination"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async (context, wanted) => {
    const DeliveryStreamName = wanted.name ?? context.automaticName;
    const source = wanted.kinesisSourceConfiguration;
    await context.clients.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        DeliveryStreamType: source ? "KinesisStreamAsSource" : "DirectPut",
        KinesisStreamSourceConfiguration: source && {
          KinesisStreamARN: source.kinesisStreamArn,
          RoleARN: source.roleArn,
        },
        ExtendedS3DestinationConfiguration: s3Destination(wanted.extendedS3Configuration),
        Tags: wanted.tags && tagList(wanted.tags),
      }),
    );
    const described = await describe(context, DeliveryStreamName);
    const arn = required(described.DeliveryStreamARN, "the delivery stream's ARN");
    const destinationId = described.Destinations?.[0]?.DestinationId;
    return { id: arn, outputs: { name: DeliveryStreamName, arn, destinationId, versionId: described.VersionId } };
  },
  update: async (context, wanted, previous) => {
    const DeliveryStreamName = String(previous.outputs.name);
    const { firehose } = context.clients;
    const { VersionId, Destinations } = await describe(context, DeliveryStreamName);
    await firehose.send(
      new UpdateDestinationCommand({
        DeliveryStreamName,
        CurrentDeliveryStreamVersionId: VersionId,
        DestinationId: Destinations?.[0]?.DestinationId,
        ExtendedS3DestinationUpdate: s3Destination(wanted.extendedS3Configuration),
      }),
    );
    const TagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (TagKeys.length > 0) await firehose.send(new UntagDeliveryStreamCommand({ DeliveryStreamName, TagKeys }));
    if (wanted.tags) {
      await firehose.send(new TagDeliveryStreamCommand({ DeliveryStreamName, Tags: tagList(wanted.tags) }));
    }
    const described = await describe(context, DeliveryStreamName);
    return { id: previous.id, outputs: { ...previous.outputs, versionId: described.VersionId } };
  },
  delete: async ({ clients }, previous) => {
    const DeliveryStreamName = previous.id.split("/").pop();
    await clients.firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }));
  },
});

export const firehoseAdapters = [deliveryStream];
