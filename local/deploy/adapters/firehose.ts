import type {
  CompressionFormat,
  ExtendedS3DestinationConfiguration,
  ProcessorParameterName,
  ProcessorType,
} from "@aws-sdk/client-firehose";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { oneOf, pascal, required, waitFor } from "./shared";

/** The real provider's defaults. */
const DEFAULT_BUFFERING_MIB = 5;
const DEFAULT_BUFFERING_SECONDS = 300;

const destinationInputs = z.strictObject({
  bucketArn: z.string(),
  roleArn: z.string(),
  bufferingInterval: z.number().optional(),
  bufferingSize: z.number().optional(),
  compressionFormat: oneOf<CompressionFormat>().optional(),
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
      processors: z.array(
        z.strictObject({
          type: oneOf<ProcessorType>(),
          parameters: z
            .array(z.strictObject({ parameterName: oneOf<ProcessorParameterName>(), parameterValue: z.string() }))
            .optional(),
        }),
      ),
    })
    .optional(),
});

const inputs = z.strictObject({
  name: z.string().optional(),
  destination: z.literal("extended_s3"),
  extendedS3Configuration: destinationInputs,
  kinesisSourceConfiguration: z.strictObject({ kinesisStreamArn: z.string(), roleArn: z.string() }).optional(),
});

/** The destination as the Firehose API takes it. */
export function s3Destination(wanted: z.output<typeof destinationInputs>): ExtendedS3DestinationConfiguration {
  const { bucketArn, roleArn, bufferingInterval, bufferingSize, kmsKeyArn, cloudwatchLoggingOptions, ...others } =
    wanted;
  return {
    BucketARN: bucketArn,
    RoleARN: roleArn,
    ...pascal(others),
    BufferingHints: {
      SizeInMBs: bufferingSize ?? DEFAULT_BUFFERING_MIB,
      IntervalInSeconds: bufferingInterval ?? DEFAULT_BUFFERING_SECONDS,
    },
    EncryptionConfiguration: kmsKeyArn
      ? { KMSEncryptionConfig: { AWSKMSKeyARN: kmsKeyArn } }
      : { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: pascal(cloudwatchLoggingOptions),
  };
}

async function describe({ clients }: AdapterContext, DeliveryStreamName: string) {
  return waitFor(`the delivery stream ${DeliveryStreamName} to become active`, async () => {
    const answer = await clients.firehose.describeDeliveryStream({ DeliveryStreamName });
    const description = required(answer.DeliveryStreamDescription, "the delivery stream's description");
    return description.DeliveryStreamStatus === "ACTIVE" ? description : undefined;
  });
}

const deliveryStream = defineAdapter({
  type: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
  inputs,
  nameInput: "name",
  replaceOn: ["kinesisSourceConfiguration", "destination"],
  create: async (context, wanted) => {
    const { name: DeliveryStreamName, kinesisSourceConfiguration: source } = wanted;
    await context.clients.firehose.createDeliveryStream({
      DeliveryStreamName,
      DeliveryStreamType: source ? "KinesisStreamAsSource" : "DirectPut",
      KinesisStreamSourceConfiguration: source && {
        KinesisStreamARN: source.kinesisStreamArn,
        RoleARN: source.roleArn,
      },
      ExtendedS3DestinationConfiguration: s3Destination(wanted.extendedS3Configuration),
    });
    const { DeliveryStreamARN } = await describe(context, DeliveryStreamName);
    const arn = required(DeliveryStreamARN, "the delivery stream's ARN");
    return { id: arn, outputs: { name: DeliveryStreamName, arn } };
  },
  update: async (context, wanted) => {
    const DeliveryStreamName = wanted.name;
    const { VersionId, Destinations } = await describe(context, DeliveryStreamName);
    await context.clients.firehose.updateDestination({
      DeliveryStreamName,
      CurrentDeliveryStreamVersionId: VersionId,
      DestinationId: Destinations?.[0]?.DestinationId,
      ExtendedS3DestinationUpdate: s3Destination(wanted.extendedS3Configuration),
    });
    await describe(context, DeliveryStreamName);
  },
  delete: ({ clients }, { id }) => clients.firehose.deleteDeliveryStream({ DeliveryStreamName: id.split("/").pop() }),
});

export const firehoseAdapters = [deliveryStream];
