/** A version goes from staging to prod: two stacks in one local cloud, the whole policies of both, and the commands that people use. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  GetModelPackageGroupPolicyCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { STSClient } from "@aws-sdk/client-sts";
import { awsVariables, Cloud, deploy, freePort } from "@daybreak/local";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { makeProgram, report } from "../../cli/main";
import { localConfig } from "../../cli/shared/deployment";
import { promotion } from "../../contracts/promotion";
import { xgboostImage } from "../../infra/image";
import { environmentNames, pipelineNames } from "../../infra/names";
import { packageRequest } from "../../lambdas/registry-register/core";
import { loadPipeline } from "../../spec/load";
import { captureOutput } from "../unit/cli/captured-output";
import { dataset, evaluation, runPlan } from "../unit/lambdas/factories";
import { assumeRole, type Keys, makeUser } from "./users";

const region = "us-east-1";
const accountId = "000000000000";
const place = (environment: string) => ({ environment, region, accountId });
const lake = (environment: string) => environmentNames(place(environment)).lakeBucket;
const spec = loadPipeline("pipelines/cdnow");

let folder: string;
let cloud: Cloud;
let root: Keys;
let sourceArn: string;
let reviewerId: string;
const users: Record<string, Keys> = {};
const at = (credentials: Keys) => ({ endpoint: cloud.endpoint, region, credentials, maxAttempts: 1 });
const s3 = () => new S3Client({ ...at(root), forcePathStyle: true });
const registry = (keys = root) => new SageMakerClient(at(keys));

async function read(uri: string): Promise<Buffer> {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const { Body } = await s3().send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function put(uri: string, Body: Buffer): Promise<string> {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  await s3().send(new PutObjectCommand({ Bucket, Key, Body }));
  return uri;
}

async function assume(user: string, role: string): Promise<Keys> {
  const RoleArn = `arn:aws:iam::${accountId}:role/daybreak-prod-${role}`;
  const sts = new STSClient(at(users[user] as Keys));
  return assumeRole(sts, RoleArn, user);
}

/** Runs a command against prod, as somebody with a role there. */
async function daybreak(user: string, role: string, ...words: string[]) {
  const keys = await assume(user, role);
  Object.assign(process.env, {
    ...{ AWS_ENDPOINT_URL: cloud.endpoint, AWS_REGION: region, AWS_SESSION_TOKEN: keys.sessionToken },
    ...{ AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
  });
  const printed = captureOutput();
  try {
    await makeProgram().parseAsync(["node", "daybreak", ...words, "--environment", "prod"]);
  } catch (error) {
    report(error);
  } finally {
    jest.restoreAllMocks();
  }
  return printed;
}
const promote = (user = "carol", role = "operator", version = "1") =>
  daybreak(user, role, "promote", "cdnow", version, "--from", "staging", "--reason", "the campaign begins");

async function deployStack(environment: string, settings: Record<string, object>): Promise<void> {
  const own = Object.entries(settings).map(([key, value]) => [`daybreak:${key}`, JSON.stringify(value)]);
  const config = {
    ...localConfig(["cdnow"], "pipelines"),
    ...{ "daybreak:environment": environment, ...Object.fromEntries(own) },
  };
  await deploy({
    ...{ cloud, config, folder: join(folder, environment), stack: environment },
    onProgress: () => undefined,
  });
}

/** Registers a version in staging as its runs do, with files that stand for a model and its evidence. */
async function registerInStaging(): Promise<string> {
  const names = environmentNames(place("staging"));
  const reports = `s3://${names.lakeBucket}/reports/cdnow/runs/run-1`;
  const run = runPlan({
    ...{ pipeline: "cdnow", report_uri: reports },
    spec_uri: await put(`s3://${names.codeBucket}/pipelines/cdnow/1.json`, Buffer.from(JSON.stringify(spec))),
    trigger: { type: "person", actor: "alice", reason: "new campaign" },
  });
  const feature_columns = Object.entries(spec.features.columns).map(([name, { type }]) => ({ name, type }));
  const facts = { ...dataset, entity: spec.entity, label: spec.label.name, feature_columns };
  for (const name of ["evaluation", "baseline", "shap"]) {
    await put(`${reports}/evaluation/${name}.json`, Buffer.from(JSON.stringify({ name })));
  }
  await put(`${reports}/plan.json`, Buffer.from(JSON.stringify(run)));
  await put(`${reports}/train-dataset.json`, Buffer.from(JSON.stringify(facts)));
  const trained = async (job_name: string) => ({
    ...{ job_name, job_arn: `arn:${job_name}` },
    // Not text: a copy that decodes and encodes it would be another model.
    model_data_url: await put(
      `s3://${names.lakeBucket}/models/cdnow/run-1/${job_name}/output/model.tar.gz`,
      randomBytes(300_000),
    ),
  });
  const request = packageRequest({
    ...{ run, spec, evaluation: evaluation(), dataset: facts, region },
    ...{ training: await trained("training"), refit: await trained("refit") },
    imageUri: xgboostImage(region) ?? "",
    modelPackageGroup: pipelineNames(place("staging"), "cdnow").modelPackageGroup,
  });
  const { ModelPackageArn = "" } = await registry().send(new CreateModelPackageCommand(request));
  return ModelPackageArn;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "daybreak-promotion-"));
  cloud = await Cloud.start({ port: await freePort(), home: join(folder, "cloud"), keep: false, lazySpark: true });
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = awsVariables(cloud);
  root = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const iam = new IAMClient(at(root));
  for (const name of ["alice", "bob", "carol"]) users[name] = await makeUser(iam, name);
  const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => `arn:aws:iam::${accountId}:user/${name}`);
  // The one that gives comes first, while the role that it names does not exist.
  await deployStack("staging", { promotion: { to: [{ environment: "prod" }] } });
  await deployStack("prod", {
    promotion: { from: { environment: "staging" } },
    people: { dataScientists: [alice], operators: [carol], reviewers: [alice, bob, carol], separateDuties: true },
  });
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "daybreak-prod-reviewer" }));
  reviewerId = Role?.RoleId ?? "";
  sourceArn = await registerInStaging();
});
afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a version that staging has not approved stays there, with the reason", async () => {
  const { stderr, stdout } = await promote();
  expect(stderr).toContain(
    "The version was not promoted: v1 of cdnow in staging is PendingManualApproval: only a version that is approved there can be promoted.",
  );
  expect(stdout).toBe("");
  const approval = { ModelPackageArn: sourceArn, ModelApprovalStatus: "Approved", ApprovalDescription: "AUC holds" };
  await registry().send(new UpdateModelPackageCommand(approval as never));
});

test("a data scientist cannot promote", async () => {
  const { stderr } = await promote("alice", "data-scientist");
  expect(stderr).toContain("prod takes no versions of cdnow from another environment, or you may not promote any.");
});

test("an approved one is promoted, its files byte for byte, and waits for a review", async () => {
  const { stdout, stderr } = await promote();
  expect({ stderr, stdout }).toEqual({
    stderr: expect.stringContaining("environment prod"),
    stdout: expect.stringMatching(
      /^v1 of cdnow in staging is now v1 in prod and waits for a review, with the same model and evidence: 8 files, 0\.6 MB\.\nApprove it: /,
    ),
  });
  const ModelPackageName = `arn:aws:sagemaker:${region}:${accountId}:model-package/daybreak-prod-cdnow/1`;
  const found = await registry().send(new DescribeModelPackageCommand({ ModelPackageName }));
  expect(found).toMatchObject({
    ModelApprovalStatus: "PendingManualApproval",
    CustomerMetadataProperties: {
      ...{ promoted_from: sourceArn, promoted_by: "carol", evaluated_last_label_day: "2026-03-09", run_id: "run-1" },
      may_not_approve: `${reviewerId}:alice`,
      promoter_may_not_approve: `${reviewerId}:carol`,
    },
  });
  const record = promotion.parse(
    JSON.parse((await read(found.CustomerMetadataProperties?.promotion_uri ?? "")).toString()),
  );
  expect(record.source.approval_reason).toBe("AUC holds");
  expect(record.files).toHaveLength(8);
  for (const { from, to, sha256 } of record.files) {
    expect(to).toContain(`s3://${lake("prod")}/`);
    const [there, here] = [await read(from), await read(to)];
    expect(here.equals(there)).toBe(true);
    expect(createHash("sha256").update(here).digest("hex")).toBe(sha256);
  }
  expect(record.files.map(({ to }) => to)).toContain(found.InferenceSpecification?.Containers?.[0]?.ModelDataUrl);
});

test("the same version is promoted once, and an unknown one is named with those that there are", async () => {
  expect((await promote()).stdout).toBe(
    'v1 of cdnow in staging is v1 in prod already, which is Staging.\nApprove it: npx daybreak approve cdnow 1 --reason "<why>" --environment prod\n',
  );
  expect((await promote("carol", "operator", "4")).stderr).toContain("staging has no version 4 of cdnow; it has 1.");
});

test("neither who started its training there nor who promoted it can approve it; another reviewer can", async () => {
  const approve = (user: string) =>
    daybreak(user, "reviewer", "approve", "cdnow", "1", "--reason", "as in staging", "--no-wait");
  for (const user of ["alice", "carol"]) {
    expect((await approve(user)).stderr).toMatch(/explicit deny in an identity-based policy/);
  }
  expect((await approve("bob")).stdout).toBe("v1 of cdnow is Approved.\n");
  expect((await daybreak("bob", "reviewer", "models", "cdnow")).stdout).toMatch(
    /v1 +Approved .*alice; promoted from staging v1 by carol/,
  );
});

test("staging's package group has the policy that lets the role of prod read it from another account", async () => {
  const ModelPackageGroupName = "daybreak-staging-cdnow";
  const { ResourcePolicy = "" } = await registry().send(
    new GetModelPackageGroupPolicyCommand({ ModelPackageGroupName }),
  );
  expect(JSON.parse(ResourcePolicy).Statement[0].Condition).toEqual({
    ArnEquals: { "aws:PrincipalArn": [`arn:aws:iam::${accountId}:role/daybreak-prod-cdnow-registry-promote`] },
  });
});
