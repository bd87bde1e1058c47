/** An environment whose models GitHub deploys. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { Recording } from "./support/record";
import { root } from "./support/root";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";
import { githubSettings } from "./support/whole-program";

/** A repository whose tokens name it with its numbers. */
const github = { repository: "acme/shop", oidcSubject: "repo:acme@12/shop@34" };
const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:123456789012:${rest}`;
const names = (stack: Recording, type: string) => stack.all(type).map(({ inputs }) => String(inputs.name));

describe("with serving.trigger github", () => {
  let stack: Recording;

  beforeAll(async () => {
    stack = await runStack(makeConfig([makeSpec(), makeSpec("mail")], { ...githubSettings, github }));
  });

  it("an approval is sent to the repository's dispatches, once, by a role that may do nothing else", () => {
    const rule = stack.one("aws:cloudwatch/eventRule:EventRule", { name: "daybreak-dev-shop-approved" });
    expect(Recording.document(rule, "eventPattern")).toMatchObject({
      detail: {
        ModelPackageGroupName: ["daybreak-dev-shop"],
        ModelApprovalStatus: ["Approved"],
        UpdatedModelPackageFields: ["ModelApprovalStatus"],
      },
    });
    const target = stack.one("aws:cloudwatch/eventTarget:EventTarget", { rule: "daybreak-dev-shop-approved" });
    expect(target.inputs).toMatchObject({
      arn: arn("events", "api-destination/daybreak-dev-github/d0"),
      roleArn: "arn:aws:iam::123456789012:role/daybreak-dev-github-dispatch",
      inputTransformer: {
        inputPaths: { version: "$.detail.ModelPackageVersion", approvedAt: "$.time" },
        inputTemplate:
          '{"event_type":"deploy-model","client_payload":{"pipeline":"shop","version":<version>,"environment":"dev","approvedAt":<approvedAt>}}',
      },
      deadLetterConfig: { arn: arn("sqs", "daybreak-dev-shop-dead-letters") },
      retryPolicy: { maximumEventAgeInSeconds: 3600 },
    });
    const destination = stack.one("aws:cloudwatch/eventApiDestination:EventApiDestination", {});
    expect(destination.inputs).toMatchObject({
      httpMethod: "POST",
      invocationEndpoint: "https://api.github.com/repos/acme/shop/dispatches",
    });
    expect(stack.policyOf("daybreak-dev-github-dispatch")).toEqual([
      { Sid: "Dispatch", Effect: "Allow", Action: "events:InvokeApiDestination", Resource: target.inputs.arn },
    ]);
    expect(names(stack, "aws:lambda/function:Function")).not.toContain("daybreak-dev-shop-serve-start");
  });

  it("the workflow deploy-model reads what is sent", () => {
    const target = stack.one("aws:cloudwatch/eventTarget:EventTarget", { rule: "daybreak-dev-shop-approved" });
    const { inputTemplate } = target.inputs.inputTransformer as { inputTemplate: string };
    const body = JSON.parse(inputTemplate.replaceAll(/<\w+>/g, "0"));
    const workflow = readFileSync(join(root, ".github", "workflows", "deploy-model.yml"), "utf8");
    expect(workflow).toContain(`types: [${body.event_type}]`);
    const read = [...workflow.matchAll(/client_payload\.(\w+)/g)].map(([, name]) => name);
    expect(new Set(read)).toEqual(new Set(Object.keys(body.client_payload)));
  });

  it("the connection never changes, so that the token that was set by hand stays", () => {
    const connection = stack.one("aws:cloudwatch/eventConnection:EventConnection", {});
    const { name, ...others } = connection.inputs;
    expect(name).toBe("daybreak-dev-github");
    expect(connection.ignoreChanges.sort()).toEqual(Object.keys(others).sort());
  });

  it("the workflow's role trusts one environment of one repository, and may only start and read deployments", () => {
    const role = stack.one("aws:iam/role:Role", { name: "daybreak-dev-deploy-model" });
    expect(role.inputs.maxSessionDuration).toBe(6 * 3600);
    expect(Recording.document(role, "assumeRolePolicy")).toMatchObject({
      Statement: [
        {
          Principal: {
            Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
          },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": "repo:acme@12/shop@34:environment:dev-models",
            },
          },
        },
      ],
    });
    const machines = ["shop", "mail"].map((pipeline) => `daybreak-dev-${pipeline}-serve`);
    expect(stack.policyOf("daybreak-dev-deploy-model")).toMatchObject([
      { Action: "states:StartExecution", Resource: machines.map((name) => arn("states", `stateMachine:${name}`)) },
      {
        Action: ["states:DescribeExecution", "states:GetExecutionHistory"],
        Resource: machines.map((name) => arn("states", `execution:${name}:*`)),
      },
    ]);
  });
});

it("with a repository and the trigger event, approvals start deployments themselves, and the workflows' role exists", async () => {
  const promotion = { from: { environment: "before" } };
  const stack = await runStack(makeConfig([makeSpec()], { github: { repository: "acme/shop" }, promotion }));
  expect(stack.all("aws:cloudwatch/eventConnection:EventConnection")).toEqual([]);
  expect(names(stack, "aws:lambda/function:Function")).toContain("daybreak-dev-shop-serve-start");
  const role = stack.one("aws:iam/role:Role", { name: "daybreak-dev-deploy-model" });
  expect(role.inputs.assumeRolePolicy).toContain('"repo:acme/shop:environment:dev-models"');
  // Where versions are promoted to this environment, the workflow promote-model may ask the Lambda for it, by its URL.
  const [, , ...promotes] = stack.policyOf("daybreak-dev-deploy-model");
  expect(promotes.map(({ Action, Resource }) => [Action, Resource])).toEqual(
    ["InvokeFunctionUrl", "InvokeFunction", "GetFunctionUrlConfig"].map((name) => [
      `lambda:${name}`,
      arn("lambda", "function:daybreak-dev-*-registry-promote"),
    ]),
  );
});
