/** Slack's incoming webhook: reads its URL from Secrets Manager and posts with retries. */
import { setTimeout as sleep } from "node:timers/promises";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { errorMessage, errorName, InvalidConfiguration, ServiceFailure } from "../shared/errors";
import { once } from "../shared/once";
import type { SlackMessage } from "./blocks";

const secretsClient = once(() => new SecretsManagerClient({}));

/** The maximum time until a rotated webhook URL is used. */
const secretLifetimeMs = 5 * 60_000;
let cached: { url: string; readAt: number } | undefined;

/** Clears the cached URL, so that the next message reads it again. */
export function forgetWebhook(): void {
  cached = undefined;
}

/** The webhook's URL, or undefined if the secret has no value yet. */
export async function webhookUrl(secretArn: string, now = Date.now()): Promise<string | undefined> {
  if (cached !== undefined && now - cached.readAt < secretLifetimeMs) return cached.url;
  let text: string;
  try {
    const secret = await secretsClient().send(new GetSecretValueCommand({ SecretId: secretArn }));
    text = secret.SecretString?.trim() ?? "";
  } catch (error) {
    if (errorName(error) === "ResourceNotFoundException") return undefined;
    throw error;
  }
  if (text === "") return undefined;
  cached = { url: urlIn(text, secretArn), readAt: now };
  return cached.url;
}

/** The secret contains the URL as plain text or as `{"url": "…"}`. */
function urlIn(text: string, secretArn: string): string {
  let url = text;
  if (text.startsWith("{")) {
    try {
      url = String((JSON.parse(text) as { url?: unknown }).url);
    } catch {
      url = "";
    }
  }
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new InvalidConfiguration(`the secret ${secretArn} must contain the webhook's URL, or {"url": "https://…"}`);
}

/** All attempts and delays together stay below the Lambda's timeout of 30 seconds. */
const attempts = 4;
const timeLimitMs = 4000;
const longestPauseMs = 3000;

/** Posts a message, with retries while Slack is busy or fails. After the last one it throws, so that SNS redelivers. */
export async function post(url: string, message: SlackMessage, pauseMs = 500): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const failure = await postOnce(url, message);
    if (failure === undefined) return;
    if (!failure.mayPass || attempt === attempts) {
      throw new ServiceFailure(
        `Slack did not accept the message (attempt ${attempt} of ${attempts}): ${failure.reason}`,
        failure.status,
      );
    }
    const backoff = pauseMs * 2 ** (attempt - 1) * (1 + Math.random());
    await sleep(Math.min(failure.retryAfterMs ?? backoff, longestPauseMs));
  }
}

interface Failure {
  reason: string;
  status: number;
  mayPass: boolean;
  retryAfterMs?: number;
}

async function postOnce(url: string, message: SlackMessage): Promise<Failure | undefined> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(timeLimitMs),
    });
  } catch (error) {
    return { reason: errorMessage(error), status: 0, mayPass: true };
  }
  const text = await response.text();
  if (response.ok) return undefined;
  const { status } = response;
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    reason: `${status} ${text.slice(0, 200)}`,
    status,
    mayPass: status === 429 || status >= 500,
    ...(retryAfter >= 0 && { retryAfterMs: retryAfter * 1000 }),
  };
}
