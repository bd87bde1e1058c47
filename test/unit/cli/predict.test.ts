/** How predict explains that there is no prediction, against a fake stack. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { GetFunctionUrlConfigCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand, ListModelPackagesCommand } from "@aws-sdk/client-sagemaker";
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { main } from "../../../cli/main";
import { type CapturedOutput, captureOutput } from "./captured-output";
import { FakeStack } from "./fake-stack";

const stack = new FakeStack();
const lambda = mockClient(LambdaClient);
let printed: CapturedOutput;

/** What the Lambda's URL answers, and what it was asked. */
let answer: { status: number; body: object };
let asked: string[];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(body);
      // As AWS does with who is not known.
      const signed = request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ");
      const { status, body: answered } = signed ? answer : { status: 403, body: { Message: "Forbidden" } };
      response.writeHead(status).end(JSON.stringify(answered));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  stack.reset(["cdnow"]);
  lambda.reset();
  const FunctionUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  lambda
    .on(GetFunctionUrlConfigCommand, { FunctionName: "daybreak-dev-cdnow-serve-predict" })
    .resolves({ FunctionUrl });
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" });
  asked = [];
  printed = captureOutput();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const predict = () => main(["node", "daybreak", "predict", "cdnow", "00004", "--aws"]);

function answers(error: string, message: string, status = 502): void {
  answer = { status, body: { error, message } };
}

test("a prediction comes from the Lambda's URL, by a signed request", async () => {
  const found = {
    entity: "00004",
    score: 0.25,
    positive: false,
    features_as_of: "1997-12-01",
    version: 3,
    run_id: "r",
  };
  answer = { status: 200, body: found };
  expect(await predict()).toBe(0);
  expect(asked).toEqual(['{"entity":"00004"}']);
  expect(printed.stdout).toBe("00004: not churned, score 0.2500 (v3, features as of 1997-12-01)\n");
});

test("the pipeline is not deployed", async () => {
  lambda
    .on(GetFunctionUrlConfigCommand)
    .rejects(Object.assign(new Error("Function not found"), { name: "ResourceNotFoundException" }));
  expect(await predict()).toBe(1);
  expect(printed.stderr).toContain("Error: The pipeline cdnow is not deployed here.");
});

test.each([
  ["may not find the URL", () => lambda.on(GetFunctionUrlConfigCommand).rejects(denied("GetFunctionUrlConfig"))],
  ["may not call it", () => Object.assign(answer, { status: 403, body: { Message: "Forbidden. …Url" } })],
])("who %s is told who may", async (_, refuse) => {
  refuse();
  expect(await predict()).toBe(1);
  expect(printed.stderr).toMatch(
    /Error: You may not ask for predictions of cdnow: .*Url[\s\S]*docs\/security\.md#people/,
  );
});

const denied = (what: string) => Object.assign(new Error(`no ${what}`), { name: "AccessDeniedException" });

test("who may ask and nothing else is told that it failed, without asking whether a version serves", async () => {
  answers("ValidationError", "the request failed; the cause is in the Lambda's log");
  stack.sagemaker.on(DescribeEndpointCommand).rejects(denied("DescribeEndpoint"));
  expect(await predict()).toBe(1);
  expect(printed.stderr).toContain("The Lambda daybreak-dev-cdnow-serve-predict logs the cause in CloudWatch.");
});

test("no version serves, and none is registered", async () => {
  answers("ValidationError", "the request failed");
  expect(await predict()).toBe(1);
  expect(printed.stderr).toContain("Error: No prediction for customer_id 00004: no version of cdnow serves.");
  expect(printed.stderr).toContain("Train one: npx daybreak run cdnow --mode train");
});

test("the suggested command finds the pipeline where this one did", async () => {
  answers("ValidationError", "the request failed");
  const folder = join(__dirname, "..", "..", "..", "pipelines");
  expect(await main(["node", "daybreak", "predict", "cdnow", "00004", "--aws", "--pipelines", folder])).toBe(1);
  expect(printed.stderr).toContain(`Train one: npx daybreak run cdnow --mode train --pipelines ${folder} --aws\n`);
});

test("no version serves, and one awaits approval", async () => {
  answers("ValidationError", "the request failed");
  const ModelPackageArn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/daybreak-dev-cdnow/3";
  stack.sagemaker.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [{ ModelPackageArn }] as never });
  expect(await predict()).toBe(1);
  expect(printed.stderr).toMatch(/v3 awaits approval: npx daybreak approve cdnow 3 --reason "…"/);
});

test("features that are too old lead to entities of the newest day", async () => {
  answers("StaleFeatures", 'the features of "00004" are of 1997-09-01, 91 days before 1997-12-01', 409);
  const rows = ["as_of,entity,score", "1997-12-01,00017,0.9", "1997-12-01,00021,0.8", "1997-12-01,000"];
  stack.lake.put("s3://daybreak-dev-lake-123456789012/scores/cdnow/exports/latest/scores.csv", rows.join("\n"));
  expect(await predict()).toBe(1);
  expect(printed.stderr).toContain(
    'Error: No prediction for customer_id 00004: the features of "00004" are of 1997-09-01, 91 days before 1997-12-01',
  );
  expect(printed.stderr).toContain("There are features for 00017, 00021: npx daybreak predict cdnow 00017 --aws");
});
