/** Publishes to the alerts topic. */
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { AlertMessage } from "../../contracts/alert-message";
import { once } from "./once";

const topicClient = once(() => new SNSClient({}));

/** Publishes one alert message. */
export async function publishAlert(topicArn: string, message: AlertMessage): Promise<void> {
  await topicClient().send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(message) }));
}
