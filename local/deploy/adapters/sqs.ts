import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, removedTags, required, tags } from "./shared";

const queueInputs = z.strictObject({
  name: z.string().optional(),
  delaySeconds: z.number().optional(),
  maxMessageSize: z.number().optional(),
  messageRetentionSeconds: z.number().optional(),
  receiveWaitTimeSeconds: z.number().optional(),
  visibilityTimeoutSeconds: z.number().optional(),
  kmsMasterKeyId: z.string().optional(),
  kmsDataKeyReusePeriodSeconds: z.number().optional(),
  sqsManagedSseEnabled: z.boolean().optional(),
  redrivePolicy: jsonDocument.optional(),
  redriveAllowPolicy: jsonDocument.optional(),
  policy: jsonDocument.optional(),
  tags,
});

type Attributes = Partial<Record<QueueAttributeName, string>>;

/** A queue's attributes as the SQS API takes them: all text. */
export function queueAttributes(wanted: z.output<typeof queueInputs>): Attributes {
  const attributes: Partial<Record<QueueAttributeName, string | undefined>> = {
    DelaySeconds: wanted.delaySeconds?.toString(),
    MaximumMessageSize: wanted.maxMessageSize?.toString(),
    MessageRetentionPeriod: wanted.messageRetentionSeconds?.toString(),
    ReceiveMessageWaitTimeSeconds: wanted.receiveWaitTimeSeconds?.toString(),
    VisibilityTimeout: wanted.visibilityTimeoutSeconds?.toString(),
    KmsMasterKeyId: wanted.kmsMasterKeyId,
    KmsDataKeyReusePeriodSeconds: wanted.kmsDataKeyReusePeriodSeconds?.toString(),
    SqsManagedSseEnabled: wanted.sqsManagedSseEnabled?.toString(),
    RedrivePolicy: wanted.redrivePolicy,
    RedriveAllowPolicy: wanted.redriveAllowPolicy,
    Policy: wanted.policy,
  };
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Attributes;
}

async function queueArn({ clients }: AdapterContext, QueueUrl: string): Promise<string> {
  const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
  const { Attributes } = await clients.sqs.send(ask);
  return required(Attributes?.QueueArn, "the queue's ARN");
}

const queue = defineAdapter({
  type: "aws:sqs/queue:Queue",
  inputs: queueInputs,
  replaceOn: ["name"],
  idOf: ({ endpoint, accountId, automaticName }, { name }) => `${endpoint}/${accountId}/${name ?? automaticName}`,
  create: async (context, wanted) => {
    const QueueName = wanted.name ?? context.automaticName;
    const { QueueUrl } = await context.clients.sqs.send(
      new CreateQueueCommand({ QueueName, Attributes: queueAttributes(wanted), tags: wanted.tags }),
    );
    const url = required(QueueUrl, "the queue's URL");
    return { id: url, outputs: { name: QueueName, url, arn: await queueArn(context, url) } };
  },
  update: async ({ clients }, wanted, previous) => {
    const QueueUrl = previous.id;
    await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: queueAttributes(wanted) }));
    const TagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (TagKeys.length > 0) await clients.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys }));
    if (wanted.tags) await clients.sqs.send(new TagQueueCommand({ QueueUrl, Tags: wanted.tags }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: previous.id }));
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
  delete: async (context, previous) => {
    // An empty policy takes the policy away.
    await putPolicy(context, { queueUrl: previous.id, policy: "" });
  },
});

export const sqsAdapters = [queue, queuePolicy];
