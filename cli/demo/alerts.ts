/** Reads Daybreak's alert messages through a queue that subscribes to the alerts topic, as any tool could. */

import { SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import * as z from "zod/mini";
import { type AlertMessage, alertMessage } from "../../contracts/alert-message";
import { clients } from "../shared/clients";
import { parseJson } from "../shared/lake";

/** The maximum of ReceiveMessage. */
const mostInOneCall = 10;

export class AlertInbox {
  readonly #messages: AlertMessage[] = [];

  private constructor(private readonly queueUrl: string) {}

  /** Creates a queue of this name and subscribes it; it gets every message published from now on. */
  static async subscribe(topicArn: string, queueName: string): Promise<AlertInbox> {
    const { QueueUrl = "" } = await clients.sqs().send(new CreateQueueCommand({ QueueName: queueName }));
    const { Attributes } = await clients
      .sqs()
      .send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    const queueArn = Attributes?.QueueArn ?? "";
    const Policy = JSON.stringify(publishPolicy(topicArn, queueArn));
    await clients.sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await clients.sns().send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: "sqs",
        Endpoint: queueArn,
        Attributes: { RawMessageDelivery: "true" },
      }),
    );
    return new AlertInbox(QueueUrl);
  }

  /** All messages received so far, in order of arrival. */
  async messages(): Promise<readonly AlertMessage[]> {
    for (;;) {
      const { Messages = [] } = await clients
        .sqs()
        .send(new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages: mostInOneCall }));
      if (Messages.length === 0) return this.#messages;
      this.#messages.push(...Messages.flatMap(alertOf));
      await clients.sqs().send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.queueUrl,
          Entries: Messages.map(({ ReceiptHandle }, position) => ({ Id: String(position), ReceiptHandle })),
        }),
      );
    }
  }
}

/** Lets only this topic send to the queue. */
function publishPolicy(topicArn: string, queueArn: string) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  };
}

/** CloudWatch's notifications arrive through the same topic; they are not Daybreak's messages. */
function alertOf({ Body = "" }: Message): AlertMessage[] {
  const parsed = z.safeParse(alertMessage, parseJson(Body));
  return parsed.success ? [parsed.data] : [];
}
