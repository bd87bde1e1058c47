import { z } from "zod";
import { defineAdapter } from "../adapter";
import { pascal, required } from "./shared";

const secret = defineAdapter({
  type: "aws:secretsmanager/secret:Secret",
  inputs: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    kmsKeyId: z.string().optional(),
    recoveryWindowInDays: z.number().optional(),
  }),
  nameInput: "name",
  holds: "its value",
  create: async ({ clients }, { recoveryWindowInDays, ...wanted }) => {
    const { ARN } = await clients.secretsManager.createSecret(pascal(wanted));
    const arn = required(ARN, "the secret's ARN");
    return { id: arn, outputs: { name: wanted.name, arn } };
  },
  update: ({ clients }, { description: Description, kmsKeyId: KmsKeyId }, previous) =>
    clients.secretsManager.updateSecret({ SecretId: previous.id, Description, KmsKeyId }),
  delete: async ({ clients }, { id: SecretId, inputs }) => {
    const days = Number(inputs.recoveryWindowInDays ?? 0);
    const how = days > 0 ? { RecoveryWindowInDays: days } : { ForceDeleteWithoutRecovery: true };
    await clients.secretsManager.deleteSecret({ SecretId, ...how });
  },
});

export const secretsManagerAdapters = [secret];
