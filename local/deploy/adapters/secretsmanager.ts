import { CreateSecretCommand, DeleteSecretCommand, UpdateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { required } from "./shared";

const secret = defineAdapter({
  type: "aws:secretsmanager/secret:Secret",
  inputs: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    kmsKeyId: z.string().optional(),
    recoveryWindowInDays: z.number().optional(),
  }),
  replaceOn: ["name"],
  holds: "its value",
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async ({ clients, automaticName }, { name: Name = automaticName, description, kmsKeyId }) => {
    const created = new CreateSecretCommand({ Name, Description: description, KmsKeyId: kmsKeyId });
    const { ARN } = await clients.secretsManager.send(created);
    const arn = required(ARN, "the secret's ARN");
    return { id: arn, outputs: { name: Name, arn } };
  },
  update: async ({ clients }, { description: Description, kmsKeyId: KmsKeyId }, previous) => {
    await clients.secretsManager.send(new UpdateSecretCommand({ SecretId: previous.id, Description, KmsKeyId }));
    return previous;
  },
  delete: async ({ clients }, { id: SecretId, inputs }) => {
    const days = Number(inputs.recoveryWindowInDays ?? 0);
    const how = days > 0 ? { RecoveryWindowInDays: days } : { ForceDeleteWithoutRecovery: true };
    await clients.secretsManager.send(new DeleteSecretCommand({ SecretId, ...how }));
  },
});

export const secretsManagerAdapters = [secret];
