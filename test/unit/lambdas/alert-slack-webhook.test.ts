import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import type { AlertMessage } from "../../../contracts/alert-message";
import { classify } from "../../../lambdas/alert-slack/classify";
import { render } from "../../../lambdas/alert-slack/core";
import { handler } from "../../../lambdas/alert-slack/handler";
import { forgetWebhook, post, webhookUrl } from "../../../lambdas/alert-slack/webhook";
import { environment, packageArn, topicEvent } from "./factories";

const deployed: AlertMessage = {
  kind: "model-deployed",
  environment: "dev",
  pipeline: "shop",
  version: 4,
  modelPackageArn: packageArn(4),
  endpointName: "daybreak-dev-shop",
};

describe("the handler, against a webhook", () => {
  const secrets = mockClient(SecretsManagerClient);
  let server: Server;
  let address: string;
  let statuses: [number, Record<string, string>?][];
  let received: { text: string }[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const [status, headers] = statuses.shift() ?? [200];
        if (status === 0) return request.socket.destroy();
        if (status === 200) received.push(JSON.parse(body));
        response.writeHead(status, headers).end("no");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/_daybreak/slack`;
  });

  beforeEach(() => {
    Object.assign(process.env, environment);
    statuses = [];
    received = [];
    forgetWebhook();
    secrets.reset();
    secrets.on(GetSecretValueCommand).resolves({ SecretString: address });
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const message = render(classify("hello"));

  it("posts the topic's messages and reads the secret once", async () => {
    await expect(handler(topicEvent(deployed))).resolves.toEqual({ posted: 1 });
    await handler(topicEvent("text", "A subject"));
    expect(received.map(({ text }) => text)).toEqual([
      ":rocket: shop: the endpoint serves model v4",
      ":speech_balloon: A subject",
    ]);
    expect(secrets.calls()).toHaveLength(1);
  });

  it("posts nothing and does not fail while the secret has no value", async () => {
    secrets
      .on(GetSecretValueCommand)
      .rejects(Object.assign(new Error("no value"), { name: "ResourceNotFoundException" }));
    await expect(handler(topicEvent(deployed))).resolves.toEqual({ posted: 0 });
    secrets.on(GetSecretValueCommand).resolves({ SecretString: " " });
    await expect(handler(topicEvent(deployed))).resolves.toEqual({ posted: 0 });
    expect(received).toEqual([]);
  });

  it("also accepts a secret in JSON and rejects one without a URL", async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify({ url: address }) });
    await expect(webhookUrl("secret")).resolves.toBe(address);
    for (const SecretString of ["not an address", "{}", "{", "ftp://host/"]) {
      forgetWebhook();
      secrets.on(GetSecretValueCommand).resolves({ SecretString });
      await expect(webhookUrl("secret")).rejects.toMatchObject({ name: "InvalidConfiguration" });
    }
  });

  it("reads the secret again after five minutes and throws other errors", async () => {
    const start = Date.now();
    await webhookUrl("secret", start);
    await webhookUrl("secret", start + 299_999);
    expect(secrets.calls()).toHaveLength(1);
    secrets.on(GetSecretValueCommand).rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
    await expect(webhookUrl("secret", start + 300_000)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("retries when Slack is busy, fails or cannot be reached", async () => {
    statuses = [[429, { "retry-after": "0" }], [500], [0]];
    await post(address, message, 1);
    expect(received).toHaveLength(1);
  });

  it("throws after the last attempt, so that the topic redelivers the message", async () => {
    statuses = [[503], [503], [503], [503]];
    await expect(post(address, message, 1)).rejects.toThrow(
      "Slack did not accept the message (attempt 4 of 4): 503 no",
    );
  });

  it("does not retry what Slack rejects, and reads the secret again next time", async () => {
    statuses = [[404]];
    await expect(handler(topicEvent(deployed))).rejects.toThrow("(attempt 1 of 4): 404 no");
    await handler(topicEvent(deployed));
    expect(secrets.calls()).toHaveLength(2);
  });

  it("rejects an event that is not from SNS", async () => {
    await expect(handler({})).rejects.toMatchObject({ name: "InvalidInput" });
  });
});
