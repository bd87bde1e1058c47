import { z } from "zod";
import { defineAdapter } from "../adapter";
import { jsonDocument, pascal, required, textAttributes } from "./shared";

const topicInputs = z.strictObject({
  name: z.string().optional(),
  displayName: z.string().optional(),
  kmsMasterKeyId: z.string().optional(),
});

const topicAttributes = ({ name, ...wanted }: z.output<typeof topicInputs>) => textAttributes(pascal(wanted));

const topic = defineAdapter({
  type: "aws:sns/topic:Topic",
  inputs: topicInputs,
  nameInput: "name",
  create: async ({ clients, accountId }, wanted) => {
    const { name } = wanted;
    const { TopicArn } = await clients.sns.createTopic({ Name: name, Attributes: topicAttributes(wanted) });
    const arn = required(TopicArn, "the topic's ARN");
    return { id: arn, outputs: { name, arn, owner: accountId } };
  },
  update: async ({ clients }, wanted, { id: TopicArn }) => {
    for (const [AttributeName, AttributeValue] of Object.entries(topicAttributes(wanted))) {
      await clients.sns.setTopicAttributes({ TopicArn, AttributeName, AttributeValue });
    }
  },
  delete: ({ clients }, { id }) => clients.sns.deleteTopic({ TopicArn: id }),
});

const topicPolicy = defineAdapter({
  type: "aws:sns/topicPolicy:TopicPolicy",
  inputs: z.strictObject({ arn: z.string(), policy: jsonDocument }),
  replaceOn: ["arn"],
  put: async ({ clients, accountId }, { arn, policy }) => {
    await clients.sns.setTopicAttributes({ TopicArn: arn, AttributeName: "Policy", AttributeValue: policy });
    return { id: arn, outputs: { owner: accountId } };
  },
  // A topic always has a policy, which is deleted with the topic.
  delete: async () => undefined,
});

const subscriptionInputs = z.strictObject({
  topic: z.string(),
  protocol: z.string(),
  endpoint: z.string(),
  filterPolicy: jsonDocument.optional(),
  filterPolicyScope: z.string().optional(),
  redrivePolicy: jsonDocument.optional(),
});

/** A subscription's attributes as the SNS API takes them. */
function subscriptionAttributes({ topic, protocol, endpoint, ...wanted }: z.output<typeof subscriptionInputs>) {
  return textAttributes(pascal(wanted));
}

const subscription = defineAdapter({
  type: "aws:sns/topicSubscription:TopicSubscription",
  inputs: subscriptionInputs,
  replaceOn: ["topic", "protocol", "endpoint"],
  create: async ({ clients, accountId }, wanted) => {
    const { SubscriptionArn } = await clients.sns.subscribe({
      TopicArn: wanted.topic,
      Protocol: wanted.protocol,
      Endpoint: wanted.endpoint,
      Attributes: subscriptionAttributes(wanted),
      ReturnSubscriptionArn: true,
    });
    const arn = required(SubscriptionArn, "the subscription's ARN");
    return { id: arn, outputs: { arn, ownerId: accountId, pendingConfirmation: wanted.protocol === "email" } };
  },
  update: async ({ clients }, wanted, { id: SubscriptionArn }) => {
    for (const [AttributeName, AttributeValue] of Object.entries(subscriptionAttributes(wanted))) {
      await clients.sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue });
    }
  },
  delete: ({ clients }, { id }) => clients.sns.unsubscribe({ SubscriptionArn: id }),
});

export const snsAdapters = [topic, topicPolicy, subscription];
