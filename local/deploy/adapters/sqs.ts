import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, required, textAttributes } from "./shared";

const queueInputs = z.strictObject({
  name: z.string().optional(),
  delaySeconds: z.number().optional(),
  messageRetentionSeconds: z.number().optional(),
  visibilityTimeoutSeconds: z.number().optional(),
  kmsMasterKeyId: z.string().optional(),
  sqsManagedSseEnabled: z.boolean().optional(),
  redrivePolicy: jsonDocument.optional(),
});

/** A queue's attributes as the SQS API takes them. */
export function queueAttributes(wanted: z.output<typeof queueInputs>): Record<string, string> {
  return textAttributes({
    DelaySeconds: wanted.delaySeconds,
    MessageRetentionPeriod: wanted.messageRetentionSeconds,
    VisibilityTimeout: wanted.visibilityTimeoutSeconds,
    KmsMasterKeyId: wanted.kmsMasterKeyId,
    SqsManagedSseEnabled: wanted.sqsManagedSseEnabled,
    RedrivePolicy: wanted.redrivePolicy,
  });
}

const queue = defineAdapter({
  type: "aws:sqs/queue:Queue",
  inputs: queueInputs,
  replaceOn: ["name"],
  holds: "its messages",
  idOf: ({ endpoint, accountId, automaticName }, { name }) => `${endpoint}/${accountId}/${name ?? automaticName}`,
  create: async ({ clients: { sqs }, automaticName }, wanted) => {
    const QueueName = wanted.name ?? automaticName;
    const created = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: queueAttributes(wanted) }));
    const url = required(created.QueueUrl, "the queue's URL");
    const ask = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] });
    const arn = required((await sqs.send(ask)).Attributes?.QueueArn, "the queue's ARN");
    return { id: url, outputs: { name: QueueName, url, arn } };
  },
  update: async ({ clients }, wanted, previous) => {
    const change = { QueueUrl: previous.id, Attributes: queueAttributes(wanted) };
    await clients.sqs.send(new SetQueueAttributesCommand(change));
    return previous;
  },
  delete: async ({ clients }, { id }) => {
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: id }));
  },
});

const policyInputs = z.strictObject({ queueUrl: z.string(), policy: jsonDocument });

async function putPolicy({ clients }: AdapterContext, { queueUrl, policy }: z.output<typeof policyInputs>) {
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { Policy: policy } }));
  return { id: queueUrl, outputs: {} };
}

const queuePolicy = defineAdapter({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  inputs: policyInputs,
  replaceOn: ["queueUrl"],
  create: putPolicy,
  update: putPolicy,
  delete: async (context, { id }) => {
    // An empty policy removes the policy.
    await putPolicy(context, { queueUrl: id, policy: "" });
  },
});

export const sqsAdapters = [queue, queuePolicy];
