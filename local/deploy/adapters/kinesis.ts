import { StreamMode } from "@aws-sdk/client-kinesis";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { pascal, required, waitFor } from "./shared";

const DEFAULT_RETENTION_HOURS = 24;
const DEFAULT_KEY = "alias/aws/kinesis";

const inputs = z.strictObject({
  name: z.string().optional(),
  shardCount: z.number().optional(),
  retentionPeriod: z.number().optional(),
  encryptionType: z.enum(["KMS", "NONE"]).optional(),
  kmsKeyId: z.string().optional(),
  streamModeDetails: z.strictObject({ streamMode: z.enum(["PROVISIONED", "ON_DEMAND"]) }).optional(),
});
type Inputs = z.output<typeof inputs>;

/** Waits until the stream is ACTIVE: each change makes it UPDATING first. */
async function activeArn({ clients }: AdapterContext, StreamName: string): Promise<string> {
  return waitFor(`the stream ${StreamName} to become active`, async () => {
    const { StreamDescriptionSummary } = await clients.kinesis.describeStreamSummary({ StreamName });
    const { StreamStatus, StreamARN } = required(StreamDescriptionSummary, "the stream's description");
    return StreamStatus === "ACTIVE" ? StreamARN : undefined;
  });
}

/** Applies changes to settings that CreateStream does not accept. */
async function change(context: AdapterContext, StreamName: string, before: Partial<Inputs>, after: Inputs) {
  const { kinesis } = context.clients;
  const from = before.retentionPeriod ?? DEFAULT_RETENTION_HOURS;
  const RetentionPeriodHours = after.retentionPeriod ?? DEFAULT_RETENTION_HOURS;
  const retention = { StreamName, RetentionPeriodHours };
  if (RetentionPeriodHours > from) await kinesis.increaseStreamRetentionPeriod(retention);
  if (RetentionPeriodHours < from) await kinesis.decreaseStreamRetentionPeriod(retention);
  const key = ({ encryptionType, kmsKeyId = DEFAULT_KEY }: Partial<Inputs>) =>
    encryptionType === "KMS" ? kmsKeyId : undefined;
  const [oldKey, newKey] = [key(before), key(after)];
  const encryption = { StreamName, EncryptionType: "KMS" as const };
  if (newKey === undefined && oldKey !== undefined) {
    await kinesis.stopStreamEncryption({ ...encryption, KeyId: oldKey });
  }
  if (newKey !== undefined && newKey !== oldKey) {
    await kinesis.startStreamEncryption({ ...encryption, KeyId: newKey });
  }
}

const stream = defineAdapter({
  type: "aws:kinesis/stream:Stream",
  inputs,
  nameInput: "name",
  holds: "the records in it",
  create: async (context, wanted) => {
    const { name: StreamName, streamModeDetails } = wanted;
    const ShardCount = streamModeDetails?.streamMode === StreamMode.ON_DEMAND ? undefined : (wanted.shardCount ?? 1);
    const StreamModeDetails = pascal(streamModeDetails);
    await context.clients.kinesis.createStream({ StreamName, ShardCount, StreamModeDetails });
    await activeArn(context, StreamName);
    await change(context, StreamName, {}, wanted);
    const arn = await activeArn(context, StreamName);
    return { id: arn, outputs: { name: StreamName, arn } };
  },
  update: async (context, wanted, previous) => {
    const { kinesis } = context.clients;
    const StreamName = wanted.name;
    const before: Partial<Inputs> = previous.inputs;
    const mode = wanted.streamModeDetails;
    if (mode !== undefined && mode.streamMode !== before.streamModeDetails?.streamMode) {
      await kinesis.updateStreamMode({ StreamARN: previous.id, StreamModeDetails: pascal(mode) });
    }
    const TargetShardCount = wanted.shardCount;
    if (TargetShardCount !== undefined && TargetShardCount !== before.shardCount) {
      await kinesis.updateShardCount({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" });
    }
    await change(context, StreamName, before, wanted);
    await activeArn(context, StreamName);
  },
  delete: ({ clients }, { id }) =>
    clients.kinesis.deleteStream({ StreamName: id.split("/").pop(), EnforceConsumerDeletion: true }),
});

export const kinesisAdapters = [stream];
