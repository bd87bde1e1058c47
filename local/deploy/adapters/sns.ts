import {
  CreateTopicCommand,
  DeleteTopicCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { jsonDocument, removedTags, required, tagList, tags } from "./shared";

const topicInputs = z.strictObject({
  name: z.string().optional(),
  displayName: z.string().optional(),
  kmsMasterKeyId: z.string().optional(),
  policy: jsonDocument.optional(),
  deliveryPolicy: jsonDocument.optional(),
  signatureVersion: z.number().optional(),
  tracingConfig: z.string().optional(),
  tags,
});

/** A topic's attributes as the SNS API takes them: all text. */
export function topicAttributes(wanted: z.output<typeof topicInputs>): Record<string, string> {
  return defined({
    DisplayName: wanted.displayName,
    KmsMasterKeyId: wanted.kmsMasterKeyId,
    Policy: wanted.policy,
    DeliveryPolicy: wanted.deliveryPolicy,
    SignatureVersion: wanted.signatureVersion?.toString(),
    TracingConfig: wanted.tracingConfig,
  });
}

function defined(attributes: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(entries);
}

const topic = defineAdapter({
  type: "aws:sns/topic:Topic",
  inputs: topicInputs,
  replaceOn: ["name"],
  create: async ({ clients, automaticName, accountId }, wanted) => {
    const Name = wanted.name ?? automaticName;
    const { TopicArn } = await clients.sns.send(
      new CreateTopicCommand({ Name, Attributes: topicAttributes(wanted), Tags: wanted.tags && tagList(wanted.tags) }),
    );
    const arn = required(TopicArn, "the topic's ARN");
    return { id: arn, outputs: { name: Name, arn, owner: accountId } };
  },
  update: async ({ clients }, wanted, previous) => {
    const TopicArn = previous.id;
    for (const [AttributeName, AttributeValue] of Object.entries(topicAttributes(wanted))) {
      await clients.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
    }
    const TagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (TagKeys.length > 0) await clients.sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys }));
    if (wanted.tags)
      await clients.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: tagList(wanted.tags) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.sns.send(new DeleteTopicCommand({ TopicArn: previous.id }));
  },
});

const topicPolicy = defineAdapter({
  type: "aws:sns/topicPolicy:TopicPolicy",
  inputs: z.strictObject({ arn: z.string(), policy: jsonDocument }),
  replaceOn: ["arn"],
  create: async ({ clients, accountId }, { arn: TopicArn, policy: AttributeValue }) => {
    await clients.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
    return { id: TopicArn, outputs: { owner: accountId } };
  },
  update: async ({ clients }, { arn: TopicArn, policy: AttributeValue }, previous) => {
    await clients.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
    return previous;
  },
});

const subscriptionInputs = z.strictObject({
  topic: z.string(),
  protocol: z.string(),
  endpoint: z.string(),
  filterPolicy: jsonDocument.optional(),
  filterPolicyScope: z.string().optional(),
  rawMessageDelivery: z.boolean().optional(),
  redrivePolicy: jsonDocument.optional(),
  deliveryPolicy: jsonDocument.optional(),
});

/** A subscription's attributes as the SNS API takes them. */
export function subscriptionAttributes(wanted: z.output<typeof subscriptionInputs>): Record<string, string> {
  return defined({
    FilterPolicy: wanted.filterPolicy,
    FilterPolicyScope: wanted.filterPolicyScope,
    RawMessageDelivery: wanted.rawMessageDelivery?.toString(),
    RedrivePolicy: wanted.redrivePolicy,
    DeliveryPolicy: wanted.deliveryPolicy,
  });
}

const subscription = defineAdapter({
  type: "aws:sns/topicSubscription:TopicSubscription",
  inputs: subscriptionInputs,
  replaceOn: ["topic", "protocol", "endpoint"],
  create: async ({ clients, accountId }, wanted) => {
    const { SubscriptionArn } = await clients.sns.send(
      new SubscribeCommand({
        TopicArn: wanted.topic,
        Protocol: wanted.protocol,
        Endpoint: wanted.endpoint,
        Attributes: subscriptionAttributes(wanted),
        ReturnSubscriptionArn: true,
      }),
    );
    const arn = required(SubscriptionArn, "the subscription's ARN");
    return { id: arn, outputs: { arn, ownerId: accountId, pendingConfirmation: wanted.protocol === "email" } };
  },
  update: async ({ clients }, wanted, previous) => {
    for (const [AttributeName, AttributeValue] of Object.entries(subscriptionAttributes(wanted))) {
      const change = { SubscriptionArn: previous.id, AttributeName, AttributeValue };
      await clients.sns.send(new SetSubscriptionAttributesCommand(change));
    }
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.sns.send(new UnsubscribeCommand({ SubscriptionArn: previous.id }));
  },
});

export const snsAdapters = [topic, topicPolicy, subscription];
