import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, removedTags, required, tags } from "./shared";

const MINIMUM_DELETION_DAYS = 7;
const DEFAULT_ROTATION_DAYS = 365;

const keyInputs = z.strictObject({
  description: z.string().optional(),
  deletionWindowInDays: z.number().optional(),
  enableKeyRotation: z.boolean().optional(),
  rotationPeriodInDays: z.number().optional(),
  policy: jsonDocument.optional(),
  tags,
});

async function setRotation(
  { clients }: AdapterContext,
  KeyId: string,
  inputs: z.output<typeof keyInputs>,
): Promise<void> {
  if (inputs.enableKeyRotation !== true) {
    await clients.kms.send(new DisableKeyRotationCommand({ KeyId }));
    return;
  }
  const RotationPeriodInDays = inputs.rotationPeriodInDays ?? DEFAULT_ROTATION_DAYS;
  await clients.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));
}

function tagged(map: Record<string, string> | undefined): { TagKey: string; TagValue: string }[] {
  return Object.entries(map ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}

const key = defineAdapter({
  type: "aws:kms/key:Key",
  inputs: keyInputs,
  create: async (context, inputs) => {
    const { KeyMetadata } = await context.clients.kms.send(
      new CreateKeyCommand({ Description: inputs.description, Policy: inputs.policy, Tags: tagged(inputs.tags) }),
    );
    const keyId = required(KeyMetadata?.KeyId, "the id of the new key");
    if (inputs.enableKeyRotation === true) await setRotation(context, keyId, inputs);
    return { id: keyId, outputs: { keyId, arn: KeyMetadata?.Arn } };
  },
  update: async (context, inputs, previous) => {
    const { kms } = context.clients;
    const KeyId = previous.id;
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: inputs.description ?? "" }));
    if (inputs.policy !== undefined) {
      await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy: inputs.policy }));
    }
    await setRotation(context, KeyId, inputs);
    const TagKeys = removedTags(previous.inputs.tags, inputs.tags);
    if (TagKeys.length > 0) await kms.send(new UntagResourceCommand({ KeyId, TagKeys }));
    await kms.send(new TagResourceCommand({ KeyId, Tags: tagged(inputs.tags) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    const PendingWindowInDays = Number(previous.inputs.deletionWindowInDays ?? MINIMUM_DELETION_DAYS);
    await clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId: previous.id, PendingWindowInDays }));
  },
});

const alias = defineAdapter({
  type: "aws:kms/alias:Alias",
  inputs: z.strictObject({ name: z.string().optional(), targetKeyId: z.string() }),
  replaceOn: ["name"],
  idOf: (context, inputs) => inputs.name ?? `alias/${context.automaticName}`,
  create: async (context, inputs) => {
    const { clients, partition, region, accountId } = context;
    const AliasName = inputs.name ?? `alias/${context.automaticName}`;
    await clients.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: inputs.targetKeyId }));
    const prefix = `arn:${partition}:kms:${region}:${accountId}`;
    const keyId = inputs.targetKeyId.split("/").pop();
    const outputs = { name: AliasName, arn: `${prefix}:${AliasName}`, targetKeyArn: `${prefix}:key/${keyId}` };
    return { id: AliasName, outputs };
  },
  update: async ({ clients, partition, region, accountId }, inputs, previous) => {
    await clients.kms.send(new UpdateAliasCommand({ AliasName: previous.id, TargetKeyId: inputs.targetKeyId }));
    const keyId = inputs.targetKeyId.split("/").pop();
    const targetKeyArn = `arn:${partition}:kms:${region}:${accountId}:key/${keyId}`;
    return { id: previous.id, outputs: { ...previous.outputs, targetKeyArn } };
  },
  delete: async ({ clients }, previous) => {
    await clients.kms.send(new DeleteAliasCommand({ AliasName: previous.id }));
  },
});

export const kmsAdapters = [key, alias];
