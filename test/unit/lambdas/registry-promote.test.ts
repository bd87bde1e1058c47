/** A version that was approved in staging comes to this environment, with its evidence. */
import { createHash } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
  ListModelPackagesCommand,
} from "@aws-sdk/client-sagemaker";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { alertMessage } from "../../../contracts/alert-message";
import { modelLineage } from "../../../contracts/model-lineage";
import { promotion, promotionAnswer } from "../../../contracts/promotion";
import { evaluationOf } from "../../../lambdas/monitor-plan/core";
import { packageRequest as promoted, sourceOf } from "../../../lambdas/registry-promote/core";
import { handler } from "../../../lambdas/registry-promote/handler";
import { packageRequest } from "../../../lambdas/registry-register/core";
import { handler as planRun } from "../../../lambdas/run-plan/handler";
import type { PipelineSpec } from "../../../spec/pipeline";
import { bundlePipeline } from "./bundled-pipeline";
import { dataset, environment, evaluation, packageArn, planEvent, runPlan, spec } from "./factories";
import { FakeBucket } from "./fake-bucket";
import { sagemaker, serve, serveNothing } from "./fake-endpoint";

const bucket = new FakeBucket();
const alerts = mockClient(SNSClient);
const there = "s3://staging-lake";
const reports = `${there}/reports/shop/runs/run-1`;
const sourceGroup = "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/daybreak-staging-shop";
const sourceArn = (version: number) => `${sourceGroup.replace("-group/", "/")}/${version}`;
const folder = "promoted/staging-v3-20260311T060000Z";
const models = `${environment.MODELS_URI}/${folder}`;
const evidence = `${environment.RUN_REPORTS_URI}/${folder}`;
const trained = (name: string) => ({
  job_name: name,
  job_arn: `arn:${name}`,
  model_data_url: `${there}/models/shop/run-1/${name}/output/model.tar.gz`,
});
const moved: Record<string, string> = {
  [trained("refit").model_data_url]: `${models}/model/model.tar.gz`,
  [trained("training").model_data_url]: `${models}/evaluated/model.tar.gz`,
  "s3://staging-code/pipelines/shop/abc.json": `${evidence}/pipeline.json`,
  [`${reports}/plan.json`]: `${evidence}/plan.json`,
  [`${reports}/train-dataset.json`]: `${evidence}/train-dataset.json`,
  [`${reports}/evaluation/evaluation.json`]: `${evidence}/evaluation/evaluation.json`,
  [`${reports}/evaluation/baseline.json`]: `${evidence}/evaluation/baseline.json`,
  [`${reports}/evaluation/shap.json`]: `${evidence}/evaluation/shap.json`,
};

/** The entry in staging's registry, as registry-register makes it there. */
const entry = packageRequest({
  run: runPlan({
    report_uri: reports,
    spec_uri: "s3://staging-code/pipelines/shop/abc.json",
    trigger: { type: "person", actor: "alice", reason: "new campaign" },
    champion: {
      ...{ model_package_arn: sourceArn(2), version: 2, model_data_url: "s3://m", baseline_uri: "s3://b" },
      ...{ evaluated_model_data_url: "s3://e", last_label_day: null },
    },
  }),
  ...{ training: trained("training"), refit: trained("refit"), spec, dataset },
  evaluation: { ...evaluation(), floor_version: 1, warnings: ["Feature spend: AUC 1."] },
  ...{ imageUri: environment.IMAGE_URI, modelPackageGroup: "daybreak-staging-shop", region: "us-east-1" },
  reviewerRoleId: "AROASTAGING",
});
const approved = {
  ...entry,
  ModelPackageVersion: 3,
  ModelApprovalStatus: "Approved",
  ApprovalDescription: "AUC holds",
  CreationTime: new Date("2026-03-11T06:00:00Z"),
  LastModifiedTime: new Date("2026-03-11T09:00:00Z"),
  LastModifiedBy: { IamIdentity: { Arn: "arn:aws:sts::111122223333:assumed-role/daybreak-staging-reviewer/bob" } },
} as unknown as DescribeModelPackageCommandOutput;

const person = "arn:aws:sts::000000000000:assumed-role/daybreak-dev-operator/carol";
const ask = async (request: object = {}, userArn = person) => {
  const body = JSON.stringify({ from: "staging", version: 3, ...request });
  const answer = await handler({
    requestContext: { http: { method: "POST" }, authorizer: { iam: { userArn } } },
    body,
  });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
};
const registered = () => sagemaker.commandCalls(CreateModelPackageCommand).map(({ args }) => args[0].input);
const fails = (name: string, message: string) => Object.assign(new Error(message), { name });
const listed = (group: string, arns: string[], ModelPackageDescription = "run r: ") =>
  sagemaker.on(ListModelPackagesCommand, { ModelPackageGroupName: group }).resolves({
    ModelPackageSummaryList: arns.map((ModelPackageArn) => ({ ModelPackageArn, ModelPackageDescription })),
  } as never);
const putSpec = (changes: Partial<PipelineSpec>) =>
  bucket.put("s3://staging-code/pipelines/shop/abc.json", { ...spec, ...changes });

beforeEach(() => {
  Object.assign(process.env, {
    ...environment,
    ...{ SOURCE_ENVIRONMENT: "staging", SOURCE_GROUP_ARN: sourceGroup, REVIEWER_ROLE_ID: "AROAREVIEWER" },
  });
  bundlePipeline(spec);
  bucket.reset();
  sagemaker.reset();
  alerts.reset();
  alerts.on(PublishCommand).resolves({});
  for (const uri of Object.keys(moved)) bucket.put(uri, `content of ${uri}`);
  putSpec({});
  bucket.put(`${reports}/train-dataset.json`, dataset);
  serveNothing();
  sagemaker.on(DescribeModelPackageCommand).rejects(fails("ValidationException", "ModelPackage does not exist."));
  sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: sourceArn(3) }).resolves(approved);
  listed(sourceGroup, [sourceArn(3), sourceArn(2)]);
  listed("daybreak-dev-shop", [packageArn(6)]);
  sagemaker.on(CreateModelPackageCommand).resolves({ ModelPackageArn: packageArn(7) });
});

describe("a version that is approved in the other environment", () => {
  it("is registered as pending approval, and every file of its evidence is copied", async () => {
    const { status, body } = await ask();
    expect(body).toEqual({
      ...{ outcome: "promoted", source_version: 3, version: 7, model_package_arn: packageArn(7) },
      ...{ approval: "PendingManualApproval", promotion_uri: `${evidence}/promotion.json`, warnings: [] },
      files: Object.keys(moved).length,
      bytes: Object.keys(moved).reduce((sum, uri) => sum + (bucket.objects.get(uri)?.body.length ?? 0), 0),
    });
    expect([status, promotionAnswer.parse(body)]).toEqual([200, body]);
    for (const [uri, to] of Object.entries(moved))
      expect(bucket.objects.get(to)?.body).toBe(bucket.objects.get(uri)?.body);
    const [{ ModelApprovalStatus, InferenceSpecification, ModelMetrics, DriftCheckBaselines, ...request } = {}] =
      registered();
    expect(ModelApprovalStatus).toBe("PendingManualApproval");
    expect(InferenceSpecification?.Containers).toEqual([
      {
        ...entry.InferenceSpecification?.Containers?.[0],
        ModelDataUrl: `${models}/model/model.tar.gz`,
      },
    ]);
    const json = (name: string) => ({ ContentType: "application/json", S3Uri: `${evidence}/evaluation/${name}.json` });
    expect(ModelMetrics).toEqual({
      ModelQuality: { Statistics: json("evaluation") },
      ModelDataQuality: { Statistics: json("baseline") },
      Explainability: { Report: json("shap") },
    });
    expect(DriftCheckBaselines).toMatchObject({ ModelQuality: { Statistics: json("evaluation") } });
    expect(request.MetadataProperties).toEqual(entry.MetadataProperties);
    expect(request.ModelPackageDescription).toBe(`from staging v3: ${entry.ModelPackageDescription}`);
  });

  it("is told to the reviewers, with what its description says of the verdict", async () => {
    await ask();
    const [{ TopicArn, Message = "" } = {}] = alerts.commandCalls(PublishCommand).map(({ args }) => args[0].input);
    expect(TopicArn).toBe(environment.ALERT_TOPIC_ARN);
    const message = {
      ...{ kind: "model-promoted", environment: "dev", pipeline: "shop", version: 7, modelPackageArn: packageArn(7) },
      ...{ from: "v3 in staging", promotedBy: "carol", warnings: [], description: entry.ModelPackageDescription },
    };
    expect(alertMessage.parse(JSON.parse(Message))).toEqual(message);
  });

  it("keeps its metadata, with the addresses that this environment's runs and checks read", async () => {
    await ask();
    const { champion_version, floor_version, ...kept } = entry.CustomerMetadataProperties ?? {};
    expect([champion_version, floor_version]).toEqual(["2", "1"]);
    const metadata = registered()[0]?.CustomerMetadataProperties;
    expect(metadata).toEqual({
      ...kept,
      evaluated_model_data_url: `${models}/evaluated/model.tar.gz`,
      baseline_uri: `${evidence}/evaluation/baseline.json`,
      evaluation_uri: `${evidence}/evaluation/evaluation.json`,
      spec_uri: `${evidence}/pipeline.json`,
      promoted_from: sourceArn(3),
      promoted_by: "carol",
      promotion_uri: `${evidence}/promotion.json`,
      may_not_approve: "AROAREVIEWER:alice",
      promoter_may_not_approve: "AROAREVIEWER:carol",
    });
    expect(modelLineage.parse(metadata)).toEqual(metadata);
  });

  it("has a record of who approved it there and who promoted it, with the digest that S3 has checked for each file", async () => {
    await ask({ reason: "the campaign begins" });
    const record = bucket.json(`${evidence}/promotion.json`);
    const digestOf = (uri: string) =>
      createHash("sha256")
        .update(bucket.objects.get(uri)?.body ?? "")
        .digest("hex");
    expect(record).toEqual({
      source: {
        ...{ environment: "staging", model_package_arn: sourceArn(3), version: 3 },
        created_at: "2026-03-11T06:00:00.000Z",
        approved_by: "arn:aws:sts::111122223333:assumed-role/daybreak-staging-reviewer/bob",
        approved_at: "2026-03-11T09:00:00.000Z",
        approval_reason: "AUC holds",
      },
      promoted_by: "carol",
      promoted_at: expect.any(String),
      reason: "the campaign begins",
      files: expect.arrayContaining(
        Object.entries(moved).map(([from, to]) => ({
          ...{ from, to, sha256: digestOf(from) },
          bytes: bucket.objects.get(from)?.body.length,
        })),
      ),
      warnings: [],
    });
    expect(promotion.parse(record)).toEqual(record);
    const sums = bucket.mock.commandCalls(PutObjectCommand).flatMap(({ args }) => args[0].input.ChecksumSHA256 ?? []);
    expect(sums).toEqual(Object.keys(moved).map((uri) => Buffer.from(digestOf(uri), "hex").toString("base64")));
  });

  it.each([
    [undefined, "5"],
    ["4", "4"],
  ])(
    "has the best version so far of this environment, %j beside the serving v5, not the one of the other",
    async (floor, expected) => {
      serve(5, { lineage: { baseline_uri: "s3://lake/b.json", ...(floor && { floor_version: floor }) } });
      await ask();
      expect(registered()[0]?.CustomerMetadataProperties).toMatchObject({ floor_version: expected });
    },
  );

  it("is the newest one, unless a version is named", async () => {
    sagemaker
      .on(ListModelPackagesCommand, { ModelPackageGroupName: sourceGroup, ModelApprovalStatus: "Approved" })
      .resolves({
        ModelPackageSummaryList: [1, 3].map((version) => ({ ModelPackageArn: sourceArn(version) })),
      } as never);
    expect((await ask({ version: undefined })).body).toMatchObject({ source_version: 3, version: 7 });
  });

  it("is there once: a second promotion says where, and touches nothing", async () => {
    await ask();
    listed("daybreak-dev-shop", [packageArn(6), packageArn(7)], "from staging v3: run run-1: …");
    for (const version of [6, 7]) {
      sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: packageArn(version) }).resolves({
        ModelPackageArn: packageArn(version),
        ModelApprovalStatus: "Approved",
        // v6 was promoted from a group that was deleted since and made anew.
        CustomerMetadataProperties: { promotion_uri: version === 7 ? `${evidence}/promotion.json` : "s3://lake/other" },
      } as never);
    }
    bucket.put(trained("refit").model_data_url, "overwritten since");
    const written = bucket.mock.commandCalls(PutObjectCommand).length;
    const { body } = await ask();
    expect(body).toMatchObject({ outcome: "already", version: 7, approval: "Approved", files: 8 });
    expect(bucket.mock.commandCalls(PutObjectCommand)).toHaveLength(written);
    expect(registered()).toHaveLength(1);
  });

  it("is registered again after it was deleted here, but once by two calls at the same time", async () => {
    await ask();
    await ask();
    listed("daybreak-dev-shop", [packageArn(6), packageArn(8)]);
    await ask();
    const [one, two, three] = registered().map(({ ClientToken }) => ClientToken);
    expect(one).toMatch(/^[a-zA-Z0-9-]{1,36}$/);
    expect([two === one, three === one]).toEqual([true, false]);
  });

  it("says who may not approve it only where duties are separate, and of the training only if a person started it", () => {
    const mayNot = (trigger: string, reviewerRoleId?: string) => {
      const lineage = { ...entry.CustomerMetadataProperties, trigger };
      const from = sourceOf("staging", "shop", sourceArn(3), { ...approved, CustomerMetadataProperties: lineage });
      const facts = { source: from, files: new Map(), spec, modelPackageGroup: "g", promotionUri: "u", newest: 0 };
      const { CustomerMetadataProperties = {} } = promoted({
        ...facts,
        promotedBy: "carol",
        warnings: [],
        reviewerRoleId,
      });
      const { may_not_approve, promoter_may_not_approve } = CustomerMetadataProperties;
      return [may_not_approve, promoter_may_not_approve];
    };
    expect(mayNot("person", "AROA")).toEqual(["AROA:alice", "AROA:carol"]);
    expect(mayNot("drift", "AROA")).toEqual([undefined, "AROA:carol"]);
    expect(mayNot("person")).toEqual([undefined, undefined]);
  });

  it("takes the record of an earlier promotion along", async () => {
    const before = `${there}/reports/shop/runs/promoted/dev-v1/promotion.json`;
    bucket.put(before, { source: "dev" });
    sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: sourceArn(3) }).resolves({
      ...approved,
      CustomerMetadataProperties: { ...entry.CustomerMetadataProperties, promotion_uri: before },
    });
    await ask();
    expect(bucket.json(`${evidence}/promotion-before.json`)).toEqual({ source: "dev" });
    expect(registered()[0]?.CustomerMetadataProperties).toMatchObject({ promotion_uri: `${evidence}/promotion.json` });
  });

  it("leaves out hyperparameters, and nothing else, if the metadata become too many", async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`hp_${index}`, "1"]));
    sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: sourceArn(3) }).resolves({
      ...approved,
      CustomerMetadataProperties: { ...many, ...entry.CustomerMetadataProperties },
    });
    await ask();
    const names = Object.keys(registered()[0]?.CustomerMetadataProperties ?? {});
    expect(names).toHaveLength(50);
    expect(names).toEqual(expect.arrayContaining(["promoted_from", "evaluated_last_label_day", "may_not_approve"]));
  });
});

describe("the runs and checks of this environment, once it serves", () => {
  it("use its files here, and compare new models with it on rows after the labels that it has learnt from", async () => {
    serve(5, { lineage: { baseline_uri: "s3://lake/b.json" } });
    await ask();
    const lineage = registered()[0]?.CustomerMetadataProperties ?? {};
    serve(7, { lineage });
    const { run } = await planRun(planEvent({ mode: "train" }));
    expect(run.champion).toEqual({
      ...{ model_package_arn: packageArn(7), version: 7 },
      model_data_url: "s3://lake/models/shop/v7/model.tar.gz",
      baseline_uri: `${evidence}/evaluation/baseline.json`,
      evaluated_model_data_url: `${models}/evaluated/model.tar.gz`,
      last_label_day: "2026-02-23",
    });
    expect(run.floor).toMatchObject({ version: 5, model_package_arn: packageArn(5) });
    // The check of the quality finds the promise beside the baseline.
    expect(evaluationOf(run.champion?.baseline_uri ?? "")).toBe(moved[`${reports}/evaluation/evaluation.json`]);
  });
});

describe("a pipeline that differs", () => {
  it.each([
    [
      "features_sql",
      { features_sql: "SELECT 2" },
      /^features\.sql differs from that of v3 of shop in staging: the model/,
    ],
    ["label_sql", { label_sql: "SELECT 2" }, /^label\.sql differs/],
    ["window", { features: { ...spec.features, window_days: 14 } }, /^features\.window_days differs/],
  ])("in its %s makes a warning, which approve shows", async (_, changes, warning) => {
    putSpec(changes);
    const { body } = await ask();
    expect(body.warnings).toEqual([expect.stringMatching(warning)]);
    const { warnings = "" } = registered()[0]?.CustomerMetadataProperties ?? {};
    expect(warnings).toMatch(warning);
  });

  it("may have more features than the model", async () => {
    expect(Object.keys(spec.features.columns).length).toBeGreaterThan(dataset.feature_columns.length);
    expect((await ask()).status).toBe(200);
  });
});

const refused: [string, () => void, object, RegExp][] = [
  [
    "it is not approved there",
    () => source({ ModelApprovalStatus: "PendingManualApproval" }),
    {},
    /^v3 of shop in staging is PendingManualApproval: only .* Approve it first: npx daybreak approve shop 3 --reason "<why>" --environment staging$/,
  ],
  ["it does not exist", () => undefined, { version: 9 }, /^staging has no version 9 of shop; it has 2, 3\.$/],
  [
    "none is approved",
    () => listed(sourceGroup, []),
    { version: undefined },
    /^staging has no approved version of shop\.$/,
  ],
  [
    "it is a model of another pipeline",
    () => source({ CustomerMetadataProperties: { ...entry.CustomerMetadataProperties, pipeline: "mail" } }),
    {},
    /^v3 of shop in staging is a model of the pipeline mail\.$/,
  ],
  [
    "an earlier release has registered it",
    () => source({ CustomerMetadataProperties: { run_id: "r", pipeline: "shop" } }),
    {},
    /lacks facts .* npx daybreak run shop --mode train --environment staging$/,
  ],
  [
    "versions come from elsewhere",
    () => undefined,
    { from: "dev" },
    /^versions come here from staging .*, not from dev$/,
  ],
  [
    "it runs in another image",
    () =>
      source({
        InferenceSpecification: {
          ...approved.InferenceSpecification,
          Containers: [{ ...approved.InferenceSpecification?.Containers?.[0], Image: "another:1" }],
        },
      }),
    {},
    /^v3 of shop in staging runs in the image another:1, and dev in .*xgboost:3\.0-5: set daybreak:modelImage alike\.$/,
  ],
  [
    "the pipeline lacks a feature, or has it with another type",
    () =>
      bucket.put(`${reports}/train-dataset.json`, {
        ...dataset,
        feature_columns: [
          { name: "visits", type: "integer" },
          { name: "spend", type: "integer" },
        ],
      }),
    {},
    /^The pipeline here cannot serve v3 of shop in staging: it has no feature visits \(integer\); its feature spend is double and not integer\./,
  ],
  [
    "it predicts something else",
    () => putSpec({ entity: "account", label: { ...spec.label, name: "bought", horizon_days: 7 } }),
    {},
    /its entity is customer_id and not account; its label is churned and not bought; its label\.horizon_days is 14 and not 7\./,
  ],
  [
    "the other registry may not be read",
    () => {
      sagemaker.on(DescribeModelPackageCommand).rejects(fails("AccessDeniedException", "not authorized"));
    },
    { version: 4 },
    /^staging does not let dev read its versions.*: not authorized\. Its stack needs daybreak:promotion\.to with dev/,
  ],
  [
    "the other lake may not be read",
    () => bucket.mock.rejects(fails("AccessDenied", "Access Denied")),
    {},
    /^staging does not let dev read its versions.*: Access Denied\./,
  ],
];

/** Makes the version of the other environment differ. */
function source(changes: Partial<DescribeModelPackageCommandOutput>): void {
  sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: sourceArn(3) }).resolves({ ...approved, ...changes });
}

describe("a version is refused, and nothing is written, if", () => {
  it.each(refused)("%s", async (_, prepare, request, message) => {
    prepare();
    const { status, body } = await ask(request);
    expect([status, body.message]).toEqual([409, expect.stringMatching(message)]);
    expect(registered()).toEqual([]);
    expect(bucket.mock.commandCalls(PutObjectCommand)).toEqual([]);
  });

  it.each([
    ["nobody says who asks", { version: 3 }, "arn:aws:iam::000000000000:root"],
    ["the version is no number", { version: "three" }, person],
  ])("%s", async (_, request, caller) => {
    expect((await ask(request, caller)).status).toBe(400);
    expect(registered()).toEqual([]);
  });

  it("it does not come by the URL", async () => {
    expect(await handler({ from: "staging", version: 3 })).toMatchObject({ statusCode: 400 });
  });
});
