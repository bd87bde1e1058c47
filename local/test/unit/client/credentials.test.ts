import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { flush, localStatus, slackMessagesAt } from "../../../client/cloud";
import {
  awsVariables,
  type CloudAddress,
  environmentOf,
  readCredentials,
  shellCommandsFor,
  slackWebhookOf,
  useLocalCloud,
} from "../../../client/credentials";
import { connect } from "../../../deploy/deploy";

const keys = { accessKeyId: "AKIATEST", secretAccessKey: "secret", slackToken: "token" };
const saved = { ...process.env };

let cloud: CloudAddress;
beforeEach(() => {
  cloud = { endpoint: "http://127.0.0.1:1", home: mkdtempSync(join(tmpdir(), "credentials-")) };
  writeFileSync(join(cloud.home, "credentials.json"), JSON.stringify(keys));
});
afterEach(() => {
  rmSync(cloud.home, { recursive: true });
  process.env = { ...saved };
});

describe("the credentials of a local cloud", () => {
  test("direct the SDKs to it, in place of what the developer's shell has", () => {
    process.env.AWS_PROFILE = "production";
    process.env.AWS_SESSION_TOKEN = "of production";
    process.env.OTHER = "kept";
    const expected = {
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_ACCESS_KEY_ID: "AKIATEST",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
    };

    expect(awsVariables(cloud)).toEqual(expected);
    expect(environmentOf(cloud)).toMatchObject({ ...expected, OTHER: "kept" });
    expect(environmentOf(cloud)).not.toHaveProperty("AWS_PROFILE");
    expect(environmentOf(cloud)).not.toHaveProperty("AWS_SESSION_TOKEN");
    useLocalCloud(cloud);
    expect(process.env).toMatchObject(expected);
    expect(process.env).not.toHaveProperty("AWS_PROFILE");
    expect(process.env).not.toHaveProperty("AWS_SESSION_TOKEN");
  });

  test("are printed as commands for a shell", () => {
    expect(shellCommandsFor({ AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" })).toBe(
      "unset AWS_PROFILE AWS_SESSION_TOKEN\nexport AWS_REGION=us-east-1\nexport AWS_ENDPOINT_URL=http://127.0.0.1:1",
    );
  });

  test("name the webhook with its token", () => {
    expect(slackWebhookOf(cloud)).toBe("http://127.0.0.1:1/_daybreak/slack/token");
  });

  test.each([
    ["missing", undefined],
    ["incomplete", JSON.stringify({ accessKeyId: "AKIATEST" })],
    ["not JSON", "{"],
  ])("that are %s are reported with the file and what to do", (_, content) => {
    const file = join(cloud.home, "credentials.json");
    rmSync(file);
    if (content !== undefined) writeFileSync(file, content);

    expect(() => readCredentials(cloud)).toThrow(
      /127\.0\.0\.1:1 cannot be read from .*credentials\.json[\s\S]*Start the cloud again/,
    );
  });
});

describe("the cloud's own routes", () => {
  let server: Server;
  let requests: IncomingMessage[];
  let answer: { status: number; body: unknown };
  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      requests.push(request);
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cloud.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
  });

  test("are called with root's keys", async () => {
    answer = { status: 200, body: { messages: [] } };
    await flush(cloud);
    await localStatus(cloud);
    await slackMessagesAt(cloud);

    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /_daybreak/flush",
      "GET /_daybreak/status",
      "GET /_daybreak/slack",
    ]);
    for (const { headers } of requests) {
      expect(headers.authorization).toBe(`Basic ${Buffer.from("AKIATEST:secret").toString("base64")}`);
    }
  });

  test("report what the cloud answers", async () => {
    answer = { status: 401, body: { error: "Send root's keys." } };
    await expect(localStatus(cloud)).rejects.toThrow(/GET .*status returned 401: .*Send root's keys/);
  });
});

describe("the deployer", () => {
  test.each(["https://sts.amazonaws.com", "http://192.0.2.1:4566", "http://localhost.shop.example:4566"])(
    "signs nothing for %s",
    async (endpoint) => {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIAREAL", AWS_SECRET_ACCESS_KEY: "real" });
      await expect(connect(endpoint)).rejects.toThrow(/not on this machine/);
    },
  );

  test("says which command sets the keys that it lacks", async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    await expect(connect("http://127.0.0.1:1")).rejects.toMatchObject({
      message: expect.stringMatching(/AWS_ACCESS_KEY_ID .* not set/),
      facts: { advice: expect.stringMatching(/status --credentials/) },
    });
  });
});
