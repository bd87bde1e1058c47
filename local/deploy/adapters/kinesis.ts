import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  EncryptionType,
  IncreaseStreamRetentionPeriodCommand,
  RemoveTagsFromStreamCommand,
  StartStreamEncryptionCommand,
  StreamMode,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { removedTags, required, tags, waitFor } from "./shared";

const DEFAULT_RETENTION_HOURS = 24;

const inputs = z.strictObject({
  name: z.string().optional(),
  shardCount: z.number().optional(),
  retentionPeriod: z.number().optional(),
  encryptionType: z.enum(["KMS", "NONE"]).optional(),
  kmsKeyId: z.string().optional(),
  streamModeDetails: z.strictObject({ streamMode: z.enum(["PROVISIONED", "ON_DEMAND"]) }).optional(),
  enforceConsumerDeletion: z.boolean().optional(),
  tags,
});

/** Waits until the stream takes calls again: each change makes it busy for a moment. */
async function activeArn({ clients }: AdapterContext, StreamName: string): Promise<string> {
  return waitFor(`the stream ${StreamName} to become active`, async () => {
    const { StreamDescriptionSummary } = await clients.kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    const { StreamStatus, StreamARN } = required(StreamDescriptionSummary, "the stream's description");
    return StreamStatus === "ACTIVE" ? StreamARN : undefined;
  });
}

async function setRetention(
  { clients }: AdapterContext,
  StreamName: string,
  from: number,
  hours: number,
): Promise<void> {
  const change = { StreamName, RetentionPeriodHours: hours };
  if (hours > from) await clients.kinesis.send(new IncreaseStreamRetentionPeriodCommand(change));
  if (hours < from) await clients.kinesis.send(new DecreaseStreamRetentionPeriodCommand(change));
}

const stream = defineAdapter({
  type: "aws:kinesis/stream:Stream",
  inputs,
  replaceOn: ["name", "encryptionType", "kmsKeyId", "streamModeDetails"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async (context, wanted) => {
    const { kinesis } = context.clients;
    const StreamName = wanted.name ?? context.automaticName;
    const mode = wanted.streamModeDetails?.streamMode;
    await kinesis.send(
      new CreateStreamCommand({
        StreamName,
        ShardCount: mode === StreamMode.ON_DEMAND ? undefined : (wanted.shardCount ?? 1),
        StreamModeDetails: mode && { StreamMode: mode },
        Tags: wanted.tags,
      }),
    );
    await activeArn(context, StreamName);
    await setRetention(context, StreamName, DEFAULT_RETENTION_HOURS, wanted.retentionPeriod ?? DEFAULT_RETENTION_HOURS);
    if (wanted.encryptionType === EncryptionType.KMS) {
      const KeyId = wanted.kmsKeyId ?? "alias/aws/kinesis";
      await kinesis.send(new StartStreamEncryptionCommand({ StreamName, EncryptionType: EncryptionType.KMS, KeyId }));
    }
    const arn = await activeArn(context, StreamName);
    return { id: arn, outputs: { name: StreamName, arn } };
  },
  update: async (context, wanted, previous) => {
    const { kinesis } = context.clients;
    const StreamName = String(previous.outputs.name);
    const before = Number(previous.inputs.retentionPeriod ?? DEFAULT_RETENTION_HOURS);
    await setRetention(context, StreamName, before, wanted.retentionPeriod ?? DEFAULT_RETENTION_HOURS);
    const TargetShardCount = wanted.shardCount;
    if (TargetShardCount !== undefined && TargetShardCount !== previous.inputs.shardCount) {
      await kinesis.send(new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" }));
    }
    const TagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (TagKeys.length > 0) await kinesis.send(new RemoveTagsFromStreamCommand({ StreamName, TagKeys }));
    if (wanted.tags) await kinesis.send(new AddTagsToStreamCommand({ StreamName, Tags: wanted.tags }));
    await activeArn(context, StreamName);
    return previous;
  },
  delete: async ({ clients }, previous) => {
    const StreamName = previous.id.split("/").pop();
    await clients.kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
  },
});

export const kinesisAdapters = [stream];
