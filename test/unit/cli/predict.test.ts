/** How predict explains that there is no prediction, against a fake stack. */
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListModelPackagesCommand } from "@aws-sdk/client-sagemaker";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { main } from "../../../cli/main";
import { type CapturedOutput, captureOutput } from "./captured-output";
import { FakeStack } from "./fake-stack";

const stack = new FakeStack();
const lambda = mockClient(LambdaClient);
let printed: CapturedOutput;

beforeEach(() => {
  stack.reset(["cdnow"]);
  lambda.reset();
  printed = captureOutput();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const predict = () => main(["node", "daybreak", "predict", "cdnow", "00004", "--aws"]);

function answers(errorType: string, errorMessage: string): void {
  const Payload = Buffer.from(JSON.stringify({ errorType, errorMessage }));
  lambda.on(InvokeCommand).resolves({ FunctionError: "Unhandled", Payload } as never);
}

test("the pipeline is not deployed", async () => {
  lambda
    .on(InvokeCommand)
    .rejects(Object.assign(new Error("Function not found"), { name: "ResourceNotFoundException" }));
  expect(await predict()).toBe(1);
  expect(printed.stderr).toContain("Error: The pipeline cdnow is not deployed here.");
});

test("no version serves, and none is registered", async () => {
  answers("ValidationError", "Endpoint daybreak-dev-cdnow not found");
  expect(await predict()).toBe(1);
  expect(printed.stderr).toContain("Error: No prediction for customer_id 00004: no version of cdnow serves.");
  expect(printed.stderr).toContain("Train one: npx daybreak run cdnow --mode train");
});

test("the suggested command finds the pipeline where this one did", async () => {
  answers("ValidationError", "Endpoint daybreak-dev-cdnow not found");
  const folder = join(__dirname, "..", "..", "..", "pipelines");
  expect(await main(["node", "daybreak", "predict", "cdnow", "00004", "--aws", "--pipelines", folder])).toBe(1);
  expect(printed.stderr).toContain(`Train one: npx daybreak run cdnow --mode train --pipelines ${folder} --aws\n`);
});

test("no version serves, and one awaits approval", async () => {
  answers("ValidationError", "Endpoint daybreak-dev-cdnow not found");
  const ModelPackageArn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/daybreak-dev-cdnow/3";
  stack.sagemaker.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [{ ModelPackageArn }] as never });
  expect(await predict()).toBe(1);
  expect(printed.stderr).toMatch(/v3 awaits approval: npx daybreak approve cdnow 3 --reason "…"/);
});

test("features that are too old lead to entities of the newest day", async () => {
  answers("StaleFeatures", 'the features of "00004" are of 1997-09-01, 91 days before 1997-12-01');
  const rows = ["as_of,entity,score", "1997-12-01,00017,0.9", "1997-12-01,00021,0.8", "1997-12-01,000"];
  stack.lake.put("s3://daybreak-dev-lake-123456789012/scores/cdnow/exports/latest/scores.csv", rows.join("\n"));
  expect(await predict()).toBe(1);
  expect(printed.stderr).toContain(
    'Error: No prediction for customer_id 00004: the features of "00004" are of 1997-09-01, 91 days before 1997-12-01',
  );
  expect(printed.stderr).toContain("There are features for 00017, 00021: npx daybreak predict cdnow 00017 --aws");
});
