/** Posts every message of the alerts topic to Slack. */
import * as z from "zod/mini";
import { commonVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { classify, isMuted, topicEvent } from "./classify";
import { render } from "./core";
import { forgetWebhook, post, webhookUrl } from "./webhook";

const setup = once(() =>
  readEnvironment({
    ...commonVariables,
    SLACK_SECRET_ARN: required,
    SLACK_MUTED_PIPELINES: z._default(z.string(), ""),
    // The SDK's own variable; only a local cloud sets it.
    AWS_ENDPOINT_URL: z.optional(z.string()),
  }),
);

export async function handler(rawEvent: unknown): Promise<{ posted: number }> {
  const environment = setup();
  const event = parseAs(topicEvent, rawEvent, "the event of alert-slack", InvalidInput);
  const alerts = event.Records.map(({ Sns }) => classify(Sns.Message, Sns.Subject)).filter(
    (alert) => !isMuted(alert, environment.SLACK_MUTED_PIPELINES, environment.DAYBREAK_ENVIRONMENT),
  );
  const url = alerts.length === 0 ? undefined : await webhookUrl(environment.SLACK_SECRET_ARN);
  if (url === undefined) {
    if (alerts.length > 0) {
      logger().warn("No alert was posted: the secret has no value yet. Store the Slack webhook's URL in it.", {
        secret: environment.SLACK_SECRET_ARN,
        alerts,
      });
    }
    return { posted: 0 };
  }
  try {
    for (const alert of alerts) await post(url, render(alert, environment.AWS_ENDPOINT_URL !== undefined));
  } catch (error) {
    // The URL may have been rotated: the next attempt reads it again.
    forgetWebhook();
    throw error;
  }
  return { posted: alerts.length };
}
