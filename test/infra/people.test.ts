/** The roles of people and their systems. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { policyVariable } from "../../infra/iam/statements";
import { peopleRoles } from "../../infra/people/settings";
import { list, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

const account = "arn:aws:iam::123456789012:root";
const everyone = Object.fromEntries(peopleRoles.map((role) => [role, [account]]));
const withPeople = (people: object, environment = "dev") => runStack(makeConfig([makeSpec()], { environment, people }));

const suffixes = ["auditor", "data-scientist", "event-producer", "operator", "prediction-client", "reviewer"];
const roleNames = (stack: Recording) => stack.all("aws:iam/role:Role").map(({ inputs }) => String(inputs.name));
const mayApprove = (stack: Recording) =>
  roleNames(stack).filter((role) =>
    stack
      .policyOf(role)
      .some(({ Effect, Action }) => Effect === "Allow" && list(Action).includes("sagemaker:UpdateModelPackage")),
  );
const trustOf = (stack: Recording, name: string) =>
  Recording.document<{ Statement: object[] }>(stack.one("aws:iam/role:Role", { name }), "assumeRolePolicy").Statement;

describe("the roles of people", () => {
  let together: Recording;
  let separate: Recording;

  beforeAll(async () => {
    together = await withPeople(everyone);
    separate = await withPeople({ ...everyone, separateDuties: true });
  });

  it("are not made without a principal that may assume them", async () => {
    const stack = await withPeople({ reviewers: [account] });
    const made = roleNames(stack).filter((name) => suffixes.some((suffix) => name === `daybreak-dev-${suffix}`));
    expect(made).toEqual(["daybreak-dev-reviewer"]);
  });

  it("are trusted to the configured principals, and with separate duties under the person's name only", () => {
    const trust = { Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" };
    const named = { StringEquals: { "sts:RoleSessionName": policyVariable("aws:username") } };
    for (const suffix of suffixes) {
      expect(trustOf(together, `daybreak-dev-${suffix}`)).toEqual([trust]);
      expect(trustOf(separate, `daybreak-dev-${suffix}`)).toEqual([{ ...trust, Condition: named }]);
    }
  });

  it("let the reviewer approve, and nobody else", () => {
    for (const stack of [together, separate]) expect(mayApprove(stack)).toEqual(["daybreak-dev-reviewer"]);
  });

  it("let the reviewer decide, and neither write nor remove the notes of who may not", () => {
    const decide = separate.policyOf("daybreak-dev-reviewer").find(({ Sid }) => Sid === "Decide");
    expect(decide).toEqual({
      Sid: "Decide",
      Effect: "Allow",
      Action: "sagemaker:UpdateModelPackage",
      Resource: "arn:aws:sagemaker:us-east-1:123456789012:model-package/daybreak-dev-*/*",
      Condition: {
        StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] },
        Null: {
          "sagemaker:CustomerMetadataProperties/may_not_approve": "true",
          "sagemaker:CustomerMetadataProperties/promoter_may_not_approve": "true",
          "sagemaker:CustomerMetadataPropertiesToRemove": "true",
        },
      },
    });
  });

  it("deny the reviewer what they started or promoted themselves, where duties are separate", () => {
    const denials = (stack: Recording) =>
      stack.policyOf("daybreak-dev-reviewer").filter(({ Effect }) => Effect === "Deny");
    expect(denials(together)).toEqual([]);
    // One statement each: several keys of a condition must all match.
    expect(denials(separate).map(({ Action, Condition }) => [Action, Condition])).toEqual(
      ["may_not_approve", "promoter_may_not_approve"].map((note) => [
        "sagemaker:UpdateModelPackage",
        {
          StringEquals: {
            [`sagemaker:CurrentCustomerMetadataProperties/${note}`]: policyVariable("aws:userid"),
          },
        },
      ]),
    );
  });

  it("start runs by the Lambda that knows them, where duties are separate, and by the state machine elsewhere", () => {
    const runs = "arn:aws:states:us-east-1:123456789012:stateMachine:daybreak-dev-*-run";
    const startsRuns = (stack: Recording) =>
      ["data-scientist", "operator"].flatMap((suffix) =>
        stack
          .policyOf(`daybreak-dev-${suffix}`)
          .filter(({ Action, Resource }) => list(Action).includes("states:StartExecution") && Resource === runs),
      );
    const starters = (stack: Recording) =>
      stack.all("aws:lambda/function:Function").filter(({ inputs }) => inputs.name === "daybreak-dev-shop-run-start");
    expect([startsRuns(together).length, starters(together).length]).toEqual([2, 0]);
    expect([startsRuns(separate).length, starters(separate).length]).toEqual([0, 1]);
    const { variables } = separate.one("aws:lambda/function:Function", { name: "daybreak-dev-shop-registry-register" })
      .inputs.environment as { variables: Record<string, string> };
    expect(variables.REVIEWER_ROLE_ID).toBe(
      separate.one("aws:iam/role:Role", { name: "daybreak-dev-reviewer" }).outputs.uniqueId,
    );
  });

  it("let prediction clients find the URL and call it, by both actions that AWS asks for, and not the function itself", () => {
    const Resource = "arn:aws:lambda:us-east-1:123456789012:function:daybreak-dev-*-serve-predict";
    expect(together.policyOf("daybreak-dev-prediction-client").map(({ Sid: _, ...statement }) => statement)).toEqual([
      {
        ...{ Effect: "Allow", Action: "lambda:InvokeFunctionUrl", Resource },
        Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
      },
      {
        ...{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource },
        Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
      },
      { Effect: "Allow", Action: "lambda:GetFunctionUrlConfig", Resource },
    ]);
  });

  it("let auditors and event producers do no more than their names say", () => {
    const actions = (suffix: string) =>
      together.policyOf(`daybreak-dev-${suffix}`).flatMap(({ Action }) => list(Action));
    expect(actions("event-producer")).toEqual([
      ...["kinesis:PutRecord", "kinesis:PutRecords", "kms:GenerateDataKey", "firehose:DescribeDeliveryStream"],
    ]);
    const reading = /^\w+:(Get|List|Describe|LookupEvents|FilterLogEvents)|^kms:Decrypt$/;
    expect(actions("auditor").filter((action) => !reading.test(action))).toEqual([]);
  });

  it("have separate duties in prod unless the settings say otherwise", async () => {
    const inProd = await withPeople({ reviewers: [account] }, "prod");
    expect(inProd.policyOf("daybreak-prod-reviewer").some(({ Effect }) => Effect === "Deny")).toBe(true);
    const off = await withPeople({ reviewers: [account], separateDuties: false }, "prod");
    expect(off.policyOf("daybreak-prod-reviewer").some(({ Effect }) => Effect === "Deny")).toBe(false);
  });
});
