import { GetFunctionUrlConfigCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DescribeEndpointCommand,
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { makeProgram, report } from "../../../cli/main";
import type { PromotionAnswer } from "../../../contracts/promotion";

const lambda = mockClient(LambdaClient);
const sagemaker = mockClient(SageMakerClient);
const sts = mockClient(STSClient);
let printed = "";
let asked: { url: string; body: unknown }[] = [];

const answer: PromotionAnswer = {
  ...{
    outcome: "promoted",
    source_version: 3,
    version: 7,
    model_package_arn: "arn",
    approval: "PendingManualApproval",
  },
  ...{ promotion_uri: "s3://lake/promotion.json", files: 8, bytes: 2_100_000, warnings: [] },
};

async function daybreak(...args: string[]): Promise<number> {
  printed = "";
  try {
    await makeProgram().parseAsync(["node", "daybreak", ...args, "--environment", "prod"]);
    return 0;
  } catch (error) {
    return report(error);
  }
}

function answers(status: number, body: object): void {
  jest.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    asked.push({ url: String(url), body: JSON.parse(String(init?.body)) });
    return new Response(JSON.stringify(body), { status });
  });
}

const keys = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

beforeEach(() => {
  for (const key of keys) process.env[key] = "us-east-1";
  asked = [];
  for (const mock of [lambda, sagemaker, sts]) mock.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012" });
  lambda
    .on(GetFunctionUrlConfigCommand, { FunctionName: "daybreak-prod-cdnow-registry-promote" })
    .resolves({ FunctionUrl: "https://abc.lambda-url.us-east-1.on.aws/" } as never);
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  }
});

describe("promote", () => {
  it("asks the Lambda of the environment, and says what to do next", async () => {
    answers(200, answer);
    const code = await daybreak("promote", "cdnow", "v3", "--from", "staging", "--reason", "the campaign begins");
    expect(asked).toEqual([
      {
        url: "https://abc.lambda-url.us-east-1.on.aws/",
        body: { from: "staging", version: 3, reason: "the campaign begins" },
      },
    ]);
    expect(printed).toContain(
      "v3 of cdnow in staging is now v7 in prod and waits for a review, with the same model and evidence: 8 files, 2.1 MB.\n" +
        'Approve it: npx daybreak approve cdnow 7 --reason "<why>" --environment prod\n',
    );
    expect(code).toBe(0);
  });

  it("leaves the choice of the version to the Lambda, and shows its warnings", async () => {
    answers(200, { ...answer, warnings: ["features.sql differs."] });
    await daybreak("promote", "cdnow", "--from", "staging");
    expect(asked[0]?.body).toEqual({ from: "staging" });
    expect(printed).toContain("WARNING for v7: features.sql differs.\n");
  });

  it("says of a version that is there what became of it", async () => {
    answers(200, { ...answer, outcome: "already", approval: "Rejected" });
    await daybreak("promote", "cdnow", "3", "--from", "staging");
    expect(printed).toContain("v3 of cdnow in staging is v7 in prod already, which is Rejected.\n");
    expect(printed).not.toContain("Approve it");
  });

  it.each([
    [409, { message: "v3 of cdnow in staging is Rejected: only …" }, "v3 of cdnow in staging is Rejected: only …"],
    [403, { Message: "Forbidden" }, "Forbidden"],
    [502, {}, "POST / returned 502"],
  ])("fails with the reason, such as a %i", async (status, body, reason) => {
    answers(status, body);
    expect(await daybreak("promote", "cdnow", "3", "--from", "staging")).toBe(1);
    expect(printed).toContain(`The version was not promoted: ${reason}`);
  });

  it("says what to set up where there is no such Lambda", async () => {
    lambda
      .on(GetFunctionUrlConfigCommand)
      .rejects(Object.assign(new Error("gone"), { name: "ResourceNotFoundException" }));
    expect(await daybreak("promote", "cdnow", "3", "--from", "staging")).toBe(1);
    expect(printed).toContain("prod takes no versions of cdnow from another environment, or you may not promote any.");
    expect(printed).toContain("docs/delivery.md");
  });

  it("needs to know from where, and a number as version", async () => {
    expect(await daybreak("promote", "cdnow", "3")).toBe(2);
    expect(await daybreak("promote", "cdnow", "three", "--from", "staging")).toBe(2);
  });
});

it("models says from where a version was promoted, and by whom", async () => {
  const arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/daybreak-prod-cdnow/7";
  sagemaker
    .on(DescribeEndpointCommand)
    .rejects(Object.assign(new Error("Could not find endpoint"), { name: "ValidationException" }));
  sagemaker.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [{ ModelPackageArn: arn }] } as never);
  sagemaker.on(DescribeModelPackageCommand).resolves({
    ...{ ModelPackageVersion: 7, ModelApprovalStatus: "PendingManualApproval" },
    CustomerMetadataProperties: {
      ...{ started_by: "alice", promoted_by: "carol" },
      promoted_from: "arn:aws:sagemaker:us-east-1:111122223333:model-package/daybreak-staging-cdnow/3",
    },
  } as never);
  await daybreak("models", "cdnow");
  expect(printed).toMatch(/v7 +Staging .*alice; promoted from staging v3 by carol/);
});
