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
  nameInput: "name",
  holds: "its messages",
  idOf: ({ endpoint, accountId }, { name }) => `${endpoint}/${accountId}/${name}`,
  create: async ({ clients: { sqs } }, wanted) => {
    const { name } = wanted;
    const created = await sqs.createQueue({ QueueName: name, Attributes: queueAttributes(wanted) });
    const url = required(created.QueueUrl, "the queue's URL");
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ["QueueArn"] });
    return { id: url, outputs: { name, url, arn: required(Attributes?.QueueArn, "the queue's ARN") } };
  },
  update: ({ clients }, wanted, { id }) =>
    clients.sqs.setQueueAttributes({ QueueUrl: id, Attributes: queueAttributes(wanted) }),
  delete: ({ clients }, { id }) => clients.sqs.deleteQueue({ QueueUrl: id }),
});

const setPolicy = ({ clients }: AdapterContext, QueueUrl: string, Policy: string) =>
  clients.sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy } });

const queuePolicy = defineAdapter({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  inputs: z.strictObject({ queueUrl: z.string(), policy: jsonDocument }),
  replaceOn: ["queueUrl"],
  put: async (context, { queueUrl, policy }) => {
    await setPolicy(context, queueUrl, policy);
    return { id: queueUrl, outputs: {} };
  },
  // An empty policy removes the policy.
  delete: (context, { id }) => setPolicy(context, id, ""),
});

export const sqsAdapters = [queue, queuePolicy];
