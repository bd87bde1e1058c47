import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, required } from "./shared";

const MINIMUM_DELETION_DAYS = 7;

const key = defineAdapter({
  type: "aws:kms/key:Key",
  inputs: z.strictObject({
    description: z.string().optional(),
    deletionWindowInDays: z.number().optional(),
    enableKeyRotation: z.boolean().optional(),
    policy: jsonDocument.optional(),
  }),
  holds: "what is encrypted with it",
  create: async ({ clients: { kms } }, { description: Description, policy: Policy, enableKeyRotation }) => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description, Policy }));
    const KeyId = required(KeyMetadata?.KeyId, "the id of the new key");
    if (enableKeyRotation) await kms.send(new EnableKeyRotationCommand({ KeyId }));
    return { id: KeyId, outputs: { keyId: KeyId, arn: KeyMetadata?.Arn } };
  },
  update: async ({ clients: { kms } }, { description, policy: Policy, enableKeyRotation }, previous) => {
    const KeyId = previous.id;
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: description ?? "" }));
    if (Policy !== undefined) await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy }));
    if (enableKeyRotation) await kms.send(new EnableKeyRotationCommand({ KeyId }));
    else await kms.send(new DisableKeyRotationCommand({ KeyId }));
    return previous;
  },
  delete: async ({ clients }, { id: KeyId, inputs }) => {
    const PendingWindowInDays = Number(inputs.deletionWindowInDays ?? MINIMUM_DELETION_DAYS);
    await clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
  },
});

const aliasInputs = z.strictObject({ name: z.string().optional(), targetKeyId: z.string() });

function aliasOf(
  { partition, region, accountId, automaticName }: AdapterContext,
  wanted: z.output<typeof aliasInputs>,
) {
  const name = wanted.name ?? `alias/${automaticName}`;
  const prefix = `arn:${partition}:kms:${region}:${accountId}`;
  const targetKeyArn = `${prefix}:key/${wanted.targetKeyId.split("/").pop()}`;
  return { id: name, outputs: { name, arn: `${prefix}:${name}`, targetKeyArn } };
}

const alias = defineAdapter({
  type: "aws:kms/alias:Alias",
  inputs: aliasInputs,
  replaceOn: ["name"],
  idOf: (context, { name }) => name ?? `alias/${context.automaticName}`,
  create: async (context, wanted) => {
    const made = aliasOf(context, wanted);
    await context.clients.kms.send(new CreateAliasCommand({ AliasName: made.id, TargetKeyId: wanted.targetKeyId }));
    return made;
  },
  update: async (context, wanted, { id }) => {
    await context.clients.kms.send(new UpdateAliasCommand({ AliasName: id, TargetKeyId: wanted.targetKeyId }));
    return aliasOf(context, wanted);
  },
  delete: async ({ clients }, { id }) => {
    await clients.kms.send(new DeleteAliasCommand({ AliasName: id }));
  },
});

export const kmsAdapters = [key, alias];
