import {
  CreateTopicCommand,
  DeleteTopicCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
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
  replaceOn: ["name"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async ({ clients, automaticName, accountId }, wanted) => {
    const Name = wanted.name ?? automaticName;
    const created = new CreateTopicCommand({ Name, Attributes: topicAttributes(wanted) });
    const arn = required((await clients.sns.send(created)).TopicArn, "the topic's ARN");
    return { id: arn, outputs: { name: Name, arn, owner: accountId } };
  },
  update: async ({ clients }, wanted, previous) => {
    for (const [AttributeName, AttributeValue] of Object.entries(topicAttributes(wanted))) {
      const change = { TopicArn: previous.id, AttributeName, AttributeValue };
      await clients.sns.send(new SetTopicAttributesCommand(change));
    }
    return previous;
  },
  delete: async ({ clients }, { id }) => {
    await clients.sns.send(new DeleteTopicCommand({ TopicArn: id }));
  },
});

const policyInputs = z.strictObject({ arn: z.string(), policy: jsonDocument });

async function putPolicy({ clients, accountId }: AdapterContext, { arn, policy }: z.output<typeof policyInputs>) {
  const change = { TopicArn: arn, AttributeName: "Policy", AttributeValue: policy };
  await clients.sns.send(new SetTopicAttributesCommand(change));
  return { id: arn, outputs: { owner: accountId } };
}

const topicPolicy = defineAdapter({
  type: "aws:sns/topicPolicy:TopicPolicy",
  inputs: policyInputs,
  replaceOn: ["arn"],
  create: putPolicy,
  update: putPolicy,
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
  delete: async ({ clients }, { id }) => {
    await clients.sns.send(new UnsubscribeCommand({ SubscriptionArn: id }));
  },
});

export const snsAdapters = [topic, topicPolicy, subscription];
