import { z } from "zod";
import { defineAdapter } from "../adapter";
import { arnOf, jsonDocument, required } from "./shared";

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
    const { KeyMetadata } = await kms.createKey({ Description, Policy });
    const KeyId = required(KeyMetadata?.KeyId, "the id of the new key");
    if (enableKeyRotation) await kms.enableKeyRotation({ KeyId });
    return { id: KeyId, outputs: { keyId: KeyId, arn: KeyMetadata?.Arn } };
  },
  update: async ({ clients: { kms } }, { description, policy: Policy, enableKeyRotation }, { id: KeyId }) => {
    await kms.updateKeyDescription({ KeyId, Description: description ?? "" });
    if (Policy !== undefined) await kms.putKeyPolicy({ KeyId, PolicyName: "default", Policy });
    if (enableKeyRotation) await kms.enableKeyRotation({ KeyId });
    else await kms.disableKeyRotation({ KeyId });
  },
  delete: async ({ clients }, { id: KeyId, inputs }) => {
    const PendingWindowInDays = Number(inputs.deletionWindowInDays ?? MINIMUM_DELETION_DAYS);
    await clients.kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays });
  },
});

const alias = defineAdapter({
  type: "aws:kms/alias:Alias",
  inputs: z.strictObject({ name: z.string().optional(), targetKeyId: z.string() }),
  replaceOn: ["name"],
  idOf: ({ automaticName }, { name }) => name ?? `alias/${automaticName}`,
  put: async (context, { name = `alias/${context.automaticName}`, targetKeyId: TargetKeyId }, previous) => {
    const { kms } = context.clients;
    const alias = { AliasName: name, TargetKeyId };
    await (previous ? kms.updateAlias(alias) : kms.createAlias(alias));
    const targetKeyArn = arnOf(context, "kms", `key/${TargetKeyId.split("/").pop()}`);
    return { id: name, outputs: { name, arn: arnOf(context, "kms", name), targetKeyArn } };
  },
  delete: ({ clients }, { id }) => clients.kms.deleteAlias({ AliasName: id }),
});

export const kmsAdapters = [key, alias];
