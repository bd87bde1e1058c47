import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { removedTags, required, tagList, tags } from "./shared";

const secret = defineAdapter({
  type: "aws:secretsmanager/secret:Secret",
  inputs: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    kmsKeyId: z.string().optional(),
    recoveryWindowInDays: z.number().optional(),
    tags,
  }),
  replaceOn: ["name"],
  notEmulated: { kmsKeyId: "secrets are kept in memory, encrypted with no key" },
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async ({ clients, automaticName }, wanted) => {
    const Name = wanted.name ?? automaticName;
    const { ARN } = await clients.secretsManager.send(
      new CreateSecretCommand({
        Name,
        Description: wanted.description,
        KmsKeyId: wanted.kmsKeyId,
        Tags: wanted.tags && tagList(wanted.tags),
      }),
    );
    const arn = required(ARN, "the secret's ARN");
    return { id: arn, outputs: { name: Name, arn } };
  },
  update: async ({ clients }, wanted, previous) => {
    const SecretId = previous.id;
    const change = { SecretId, Description: wanted.description, KmsKeyId: wanted.kmsKeyId };
    await clients.secretsManager.send(new UpdateSecretCommand(change));
    const TagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (TagKeys.length > 0) await clients.secretsManager.send(new UntagResourceCommand({ SecretId, TagKeys }));
    if (wanted.tags)
      await clients.secretsManager.send(new TagResourceCommand({ SecretId, Tags: tagList(wanted.tags) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    const days = previous.inputs.recoveryWindowInDays;
    const how =
      typeof days === "number" && days > 0 ? { RecoveryWindowInDays: days } : { ForceDeleteWithoutRecovery: true };
    await clients.secretsManager.send(new DeleteSecretCommand({ SecretId: previous.id, ...how }));
  },
});

const secretVersion = defineAdapter({
  type: "aws:secretsmanager/secretVersion:SecretVersion",
  inputs: z.strictObject({ secretId: z.string(), secretString: z.string() }),
  replaceOn: ["secretId"],
  create: async ({ clients }, { secretId: SecretId, secretString: SecretString }) => {
    const { ARN, VersionId } = await clients.secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString }));
    return { id: `${SecretId}|${VersionId}`, outputs: { arn: ARN, versionId: VersionId } };
  },
  update: async ({ clients }, { secretId: SecretId, secretString: SecretString }) => {
    const { ARN, VersionId } = await clients.secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString }));
    return { id: `${SecretId}|${VersionId}`, outputs: { arn: ARN, versionId: VersionId } };
  },
});

export const secretsManagerAdapters = [secret, secretVersion];
