/** Who may do what in an environment with separate duties: the whole stack's policies, judged by the local cloud. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { STSClient } from "@aws-sdk/client-sts";
import { awsVariables, Cloud, deploy, freePort } from "@daybreak/local";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { localConfig } from "../../cli/shared/deployment";
import { repositoryRoot } from "../../cli/shared/paths";
import { startRun } from "../../cli/shared/start-run";
import { stackOutputs } from "../../contracts/stack-outputs";
import { stateMachineArn } from "../../infra/names";
import { call, type ServiceError } from "../../lambdas/shared/signed-call";
import { assumeRole, type Keys, makeUser } from "./users";

const region = "us-east-1";
const accountId = "000000000000";
const place = { environment: "dev", region, accountId };
const runMachine = stateMachineArn(place, "daybreak-dev-cdnow-run");

describe("an environment with separate duties", () => {
  let folder: string;
  let cloud: Cloud;
  let root: Keys;
  let predictUrl: string;
  let packageArn: string;
  let reviewerId: string;
  const users: Record<string, Keys> = {};
  const at = (credentials: Keys) => ({ endpoint: cloud.endpoint, region, credentials, maxAttempts: 1 });

  /** A session of a role of the stack. */
  async function assume(user: string, role: string, sessionName = user): Promise<Keys> {
    const sts = new STSClient(at(users[user] as Keys));
    const RoleArn = `arn:aws:iam::${accountId}:role/daybreak-dev-${role}`;
    return assumeRole(sts, RoleArn, sessionName);
  }

  async function decide(keys: Keys, change: Partial<UpdateModelPackageCommand["input"]>): Promise<void> {
    const decision = { ModelPackageArn: packageArn, ModelApprovalStatus: "Approved", ...change } as const;
    await new SageMakerClient(at(keys)).send(new UpdateModelPackageCommand(decision));
  }

  /** The status of a request to the prediction URL. */
  async function predict(credentials: Keys): Promise<number> {
    const path = `/_aws/lambda-url/${new URL(predictUrl).hostname.split(".")[0]}/`;
    const headers = { "content-type": "application/json" };
    const question = { service: "lambda", method: "POST", path, headers, body: "{}" } as const;
    const answered = call(question, { region, credentials, address: cloud.endpoint });
    return await answered.then(
      () => 200,
      (error: ServiceError) => error.status,
    );
  }

  /** A command with a session's keys. */
  function daybreak(keys: NodeJS.ProcessEnv, ...words: string[]) {
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, AWS_SESSION_TOKEN: ___, ...others } = process.env;
    const env = { ...others, ...keys, AWS_ENDPOINT_URL: cloud.endpoint, AWS_REGION: region };
    const command = ["--import", "tsx", "cli/main.ts", ...words];
    return spawnSync(process.execPath, command, { cwd: repositoryRoot, env, encoding: "utf8" });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "daybreak-people-"));
    cloud = await Cloud.start({ port: await freePort(), home: join(folder, "cloud"), keep: false, lazySpark: true });
    const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = awsVariables(cloud);
    root = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    const iam = new IAMClient(at(root));
    for (const name of ["alice", "bob"]) users[name] = await makeUser(iam, name);
    const [alice, bob] = ["alice", "bob"].map((name) => `arn:aws:iam::${accountId}:user/${name}`);
    const people = { dataScientists: [alice], reviewers: [alice, bob], predictionClients: [bob], separateDuties: true };
    const config = { ...localConfig(["cdnow"], "pipelines"), "daybreak:people": JSON.stringify(people) };
    const { outputs } = await deploy({
      ...{ cloud, config, folder: join(folder, "deploy"), stack: "dev" },
      onProgress: () => undefined,
    });
    predictUrl = stackOutputs.parse(outputs).pipelines.cdnow?.predictUrl ?? "";
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "daybreak-dev-reviewer" }));
    reviewerId = Role?.RoleId ?? "";
    const registered = await new SageMakerClient(at(root)).send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: "daybreak-dev-cdnow",
        ModelApprovalStatus: "PendingManualApproval",
        InferenceSpecification: {
          Containers: [{ Image: `${accountId}.dkr.ecr.${region}.amazonaws.com/model:1` }],
          SupportedContentTypes: ["application/json"],
          SupportedResponseMIMETypes: ["application/json"],
        },
        CustomerMetadataProperties: { may_not_approve: `${reviewerId}:alice`, run_id: "r1" },
      }),
    );
    packageArn = registered.ModelPackageArn ?? "";
  });
  afterAll(async () => {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a session is called as the person, and nobody else may assume a role", async () => {
    await expect(assume("alice", "reviewer", "bob")).rejects.toThrow(/not authorized to perform: sts:AssumeRole/);
    await expect(assume("bob", "data-scientist")).rejects.toThrow(/not authorized to perform: sts:AssumeRole/);
  });

  test("a data scientist may read a version and not decide on it", async () => {
    const keys = await assume("alice", "data-scientist");
    const version = await new SageMakerClient(at(keys)).send(
      new DescribeModelPackageCommand({ ModelPackageName: packageArn }),
    );
    expect(version.ModelApprovalStatus).toBe("PendingManualApproval");
    await expect(decide(keys, {})).rejects.toThrow(/not authorized to perform: sagemaker:UpdateModelPackage/);
  });

  test("a data scientist starts a run by the Lambda only, which knows who asks", async () => {
    const keys = await assume("alice", "data-scientist");
    const workflows = new SFNClient(at(keys));
    const forged = { mode: "train", trigger: { type: "person", actor: "bob" } };
    await expect(
      workflows.send(new StartExecutionCommand({ stateMachineArn: runMachine, input: JSON.stringify(forged) })),
    ).rejects.toThrow(/not authorized to perform: states:StartExecution/);

    Object.assign(process.env, {
      ...{ AWS_ENDPOINT_URL: cloud.endpoint, AWS_REGION: region },
      ...{ AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
      AWS_SESSION_TOKEN: keys.sessionToken,
    });
    const trigger = { type: "person", actor: "bob", reason: "a try" } as const;
    const executionArn = await startRun(place, "cdnow", "train-1", { mode: "train", asOf: "1997-12-01", trigger });
    const { input } = await workflows.send(new DescribeExecutionCommand({ executionArn }));
    await new SFNClient(at(root)).send(new StopExecutionCommand({ executionArn }));
    expect(JSON.parse(input ?? "")).toEqual({
      ...{ mode: "train", asOf: "1997-12-01" },
      trigger: { type: "person", actor: "alice", reason: "a try" },
    });
  });

  test("the Lambda that registers a version knows the reviewers' role, by whose ID its starter is recorded", async () => {
    const found = await new LambdaClient(at(root)).send(
      new GetFunctionConfigurationCommand({ FunctionName: "daybreak-dev-cdnow-registry-register" }),
    );
    expect(found.Environment?.Variables?.REVIEWER_ROLE_ID).toBe(reviewerId);
  });

  test("who started the training cannot approve its result, nor change who that was", async () => {
    const keys = await assume("alice", "reviewer");
    await expect(decide(keys, {})).rejects.toThrow(/explicit deny in an identity-based policy/);
    await expect(decide(keys, { ModelApprovalStatus: "Rejected" })).rejects.toThrow(/explicit deny/);
  });

  test("another reviewer can decide, and not change who may not, by a profile of AWS's configuration as on AWS", async () => {
    const keys = await assume("bob", "reviewer");
    const denied = /no identity-based policy allows the sagemaker:UpdateModelPackage action/;
    await expect(decide(keys, { CustomerMetadataPropertiesToRemove: ["may_not_approve"] })).rejects.toThrow(denied);
    await expect(decide(keys, { CustomerMetadataProperties: { may_not_approve: "nobody" } })).rejects.toThrow(denied);
    await expect(decide(keys, { ModelApprovalStatus: undefined, ApprovalDescription: "x" })).rejects.toThrow(denied);
    await expect(decide(keys, { ModelApprovalStatus: "PendingManualApproval" })).rejects.toThrow(denied);
    const config = join(folder, "aws-config");
    writeFileSync(
      config,
      [
        "[profile bob]",
        `aws_access_key_id = ${users.bob?.accessKeyId}`,
        `aws_secret_access_key = ${users.bob?.secretAccessKey}`,
        "[profile reviewer]",
        `role_arn = arn:aws:iam::${accountId}:role/daybreak-dev-reviewer`,
        "role_session_name = bob",
        "source_profile = bob",
      ].join("\n"),
    );
    const as = { AWS_CONFIG_FILE: config, AWS_PROFILE: "reviewer" };
    const approved = daybreak(as, "approve", "cdnow", "1", "--reason", "AUC holds", "--no-wait");
    expect(approved.stderr).toContain(`Using ${cloud.endpoint}: account ${accountId}`);
    expect(approved.stdout).toBe("v1 of cdnow is Approved.\n");
    const version = await new SageMakerClient(at(keys)).send(
      new DescribeModelPackageCommand({ ModelPackageName: packageArn }),
    );
    expect(version).toMatchObject({ ModelApprovalStatus: "Approved", ApprovalDescription: "AUC holds" });
  });

  test("the prediction URL answers its clients only", async () => {
    // The handler refuses the empty question.
    expect(await predict(await assume("bob", "prediction-client"))).toBe(400);
    expect(await predict(await assume("alice", "data-scientist"))).toBe(403);
    const as = ({ accessKeyId, secretAccessKey, sessionToken }: Keys) => ({
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken },
    });
    const asked = daybreak(as(await assume("bob", "prediction-client")), "predict", "cdnow", "00004");
    expect(asked.stderr).toContain('No prediction for customer_id 00004: there are no features for "00004"');
    const refused = daybreak(as(await assume("alice", "data-scientist")), "predict", "cdnow", "00004");
    expect(refused.stderr).toContain("You may not ask for predictions of cdnow: ");
    // Since October 2025 one action without the other is not enough.
    const only = { Effect: "Allow", Action: "lambda:InvokeFunctionUrl", Resource: "*" };
    await new IAMClient(at(root)).send(
      new PutRolePolicyCommand({
        ...{ RoleName: "daybreak-dev-prediction-client", PolicyName: "permissions" },
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [only] }),
      }),
    );
    expect(await predict(await assume("bob", "prediction-client"))).toBe(403);
  });
});
