import {
  CreateModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { modelLineage } from "../../../contracts/model-lineage";
import type { RunPlan } from "../../../contracts/run-plan";
import {
  clientToken,
  lineage,
  metadataText,
  packageRequest,
  summarize,
  trained,
} from "../../../lambdas/registry-register/core";
import { handler } from "../../../lambdas/registry-register/handler";
import { bundlePipeline } from "./bundled-pipeline";
import { dataset, environment, evaluation, packageArn, refit, runPlan, spec, training } from "./factories";
import { FakeBucket } from "./fake-bucket";
import { sagemaker } from "./fake-endpoint";

const reports = "s3://lake/reports/shop/runs/run-1";

const champion = (version: number) => ({
  model_package_arn: packageArn(version),
  version,
  model_data_url: "s3://lake/m",
  baseline_uri: "s3://lake/b",
  evaluated_model_data_url: "s3://lake/models/evaluated/model.tar.gz",
  last_label_day: null,
});

describe("the verdict", () => {
  it("is summarized in one line", () => {
    const expected = "difference above −0.01 with 95 % confidence";
    expect(
      summarize([
        { rule: "test rows", expected: "at least 100", actual: 500, passed: true },
        { rule: "f1", expected: "at least 0.5", actual: null, passed: false },
        { rule: "auc against v1", expected, actual: -0.0123, difference: 0.002, passed: false, lacks_evidence: true },
      ]),
    ).toBe(
      "test rows 500 (at least 100), f1 not computed (at least 0.5) FAILED, " +
        "auc against v1 -0.0123 (difference above −0.01 with 95 % confidence) FAILED",
    );
  });
});

describe("the registry entry", () => {
  const candidate = {
    run: runPlan({ champion: champion(1) }),
    training,
    refit,
    spec,
    evaluation: evaluation({ auc: 0.81234567, f1: 0.7 }),
    dataset,
    imageUri: environment.IMAGE_URI,
    modelPackageGroup: "daybreak-dev-shop",
    region: "us-east-1",
  };

  it("records the model's lineage", () => {
    expect(lineage(candidate)).toEqual({
      run_id: "run-1",
      pipeline: "shop",
      as_of: "2026-03-10",
      git_commit: "0123abc",
      git_dirty: "false",
      events_snapshot_id: "8646911284551352320",
      feature_snapshot_id: "8646911284551352321",
      dataset_uri: "s3://lake/datasets/shop/run-1",
      spec_uri: environment.SPEC_URI,
      started_by: "daybreak-dev-shop-drift",
      trigger: "drift",
      trigger_reason: "2 drifted: spend clicks PSI 0.25",
      execution_arn: candidate.run.execution_arn,
      training_job: training.job_name,
      refit_job: refit.job_name,
      evaluated_model_data_url: "s3://lake/models/shop/run-1/daybreak-dev-shop-run-1/output/model.tar.gz",
      evaluated_last_label_day: "2026-02-23",
      evaluated_fitted_rows: "1200",
      evaluated_fitted_cutoffs: "2026-02-03 to 2026-02-10",
      // The refit has seen the purged and the test rows, too. The horizon of 14 days begins with the as-of day.
      fitted_rows: "1800",
      fitted_cutoffs: "2026-02-03 to 2026-03-03",
      last_label_day: "2026-03-16",
      evaluated_cutoffs: "2026-03-03 to 2026-03-03",
      auc: "0.812346",
      f1: "0.7",
      threshold: "0.5",
      threshold_by: "fixed",
      test_rows: "500",
      champion_version: "1",
      baseline_uri: `${reports}/evaluation/baseline.json`,
      evaluation_uri: `${reports}/evaluation/evaluation.json`,
      source_uri: environment.MODEL_SOURCE_URI,
      hp_eta: "0.1",
    });
  });

  it("names the version that stays the best so far, unless this one is", () => {
    expect(lineage(candidate)).not.toHaveProperty("floor_version");
    const compared = { ...candidate, evaluation: { ...candidate.evaluation, floor_version: 3 } };
    expect(lineage(compared)).toMatchObject({ floor_version: "3" });
  });

  it("says who may not approve it, where duties are separate and a person started the run", () => {
    const trigger = { type: "person", actor: "alice@example.org", reason: null } as const;
    const started = { ...candidate, run: { ...candidate.run, trigger } };
    const separate = { reviewerRoleId: "AROAREVIEWER" };
    expect(lineage({ ...started, ...separate }).may_not_approve).toBe("AROAREVIEWER:alice@example.org");
    expect(lineage(started)).not.toHaveProperty("may_not_approve");
    expect(lineage({ ...candidate, ...separate })).not.toHaveProperty("may_not_approve");
  });

  it("carries the warnings of the evaluation to the description and the lineage", () => {
    const warned = {
      ...candidate,
      evaluation: { ...candidate.evaluation, warnings: ["Feature a: AUC 1.", "Feature b."] },
    };
    expect(packageRequest(warned).ModelPackageDescription).toMatch(
      /^run run-1: .*\. WARNING: Feature a: AUC 1\. WARNING: Feature b\. The threshold is 0\.500, as pipeline\.yaml sets it\.$/,
    );
    expect(lineage(warned).warnings).toBe("Feature a: AUC 1. Feature b.");
    expect(lineage(candidate)).not.toHaveProperty("warnings");
  });

  it("stays within SageMaker's limits for any hyperparameters and reasons", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (hyperparameters, reason) => {
        const run = runPlan({ hyperparameters, trigger: { type: "person", actor: "ada", reason } });
        const entries = Object.entries(lineage({ ...candidate, run }));
        expect(entries.length).toBeLessThanOrEqual(50);
        for (const [name, value] of entries) {
          expect(name).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u);
          expect(value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u);
        }
      }),
    );
    expect(metadataText("x".repeat(300))).toHaveLength(256);
  });

  it("is pending approval and links to its evaluation", () => {
    const request = packageRequest(candidate);
    expect(request).toMatchObject({
      ModelApprovalStatus: "PendingManualApproval",
      ClientToken: clientToken(runPlan().execution_arn),
      InferenceSpecification: {
        Containers: [
          {
            Image: environment.IMAGE_URI,
            ModelDataUrl: refit.model_data_url,
            Environment: { SAGEMAKER_PROGRAM: "serve.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" },
          },
        ],
        SupportedContentTypes: ["application/json"],
      },
      ModelMetrics: { ModelQuality: { Statistics: { S3Uri: `${reports}/evaluation/evaluation.json` } } },
      DriftCheckBaselines: { ModelDataQuality: { Statistics: { S3Uri: `${reports}/evaluation/baseline.json` } } },
    });
    expect(request.ClientToken).toMatch(/^[a-zA-Z0-9-]{1,36}$/);
  });

  it("registers a run once, and runs of the same ID in two pipelines as two", () => {
    const ofExecution = (execution_arn: string) =>
      packageRequest({ ...candidate, run: runPlan({ execution_arn }) }).ClientToken;
    const shop = "arn:aws:states:eu-west-1:123456789012:execution:daybreak-dev-shop-run:drift-20260301T000000Z";
    expect(ofExecution(shop)).toBe(ofExecution(shop));
    expect(ofExecution(shop.replace("-shop-", "-cdnow-"))).not.toBe(ofExecution(shop));
  });
});

describe("the handler", () => {
  const bucket = new FakeBucket();
  const event = { run: runPlan(), training, refit };
  const last = `${environment.TRAINING_STATE_URI}/last.json`;

  beforeEach(() => {
    Object.assign(process.env, environment);
    bundlePipeline(spec);
    bucket.reset();
    bucket.put(`${reports}/evaluation/evaluation.json`, evaluation());
    bucket.put(`${reports}/train-dataset.json`, dataset);
    sagemaker.reset();
    sagemaker.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [] });
    sagemaker.on(CreateModelPackageCommand).resolves({ ModelPackageArn: packageArn(7) });
    sagemaker.on(UpdateModelPackageCommand).resolves({});
  });

  it("registers a model that passes", async () => {
    await expect(handler(event)).resolves.toMatchObject({
      outcome: "registered",
      modelPackageArn: packageArn(7),
      version: 7,
    });
    expect(sagemaker.commandCalls(UpdateModelPackageCommand)).toHaveLength(0);
    expect(bucket.json(last)).toEqual(trained(event.run, dataset, 7));
  });

  it("registers nothing before the model is fitted on all labelled rows, and says that it may be", async () => {
    await expect(handler({ ...event, refit: undefined })).resolves.toMatchObject({ outcome: "passed", warnings: [] });
    expect(sagemaker.calls()).toHaveLength(0);
    expect(bucket.objects.has(last)).toBe(false);
  });

  it("registers a model whose features may hold the label, and says so", async () => {
    bucket.put(`${reports}/evaluation/evaluation.json`, {
      ...evaluation(),
      warnings: ["Feature a nearly equals the label."],
    });
    await expect(handler(event)).resolves.toMatchObject({
      outcome: "registered",
      warnings: ["Feature a nearly equals the label."],
    });
  });

  it("does not register a model that breaks any rule, and returns the evaluation's verdict", async () => {
    const passed = { rule: "test rows", expected: "at least 100", actual: 500, passed: true };
    const broken = {
      ...{ rule: "auc against v1", expected: "difference above −0.01 with 95 % confidence", actual: -0.0123 },
      ...{ difference: 0.002, passed: false, lacks_evidence: true, rows_to_settle: 800, reason: "About 800 rows …" },
    };
    for (const verdict of [
      [passed, broken],
      [broken, passed],
    ]) {
      bucket.put(`${reports}/evaluation/evaluation.json`, evaluation({ auc: 0.9 }, null, verdict));
      const outcome = await handler(event);
      expect(outcome).toEqual({ outcome: "refused", verdict, warnings: [], alert: true });
    }
    expect(sagemaker.calls()).toHaveLength(0);
    expect(bucket.json(last)).toMatchObject({ digest: dataset.digest, version: null });
  });

  it("alerts once for each serving version about a lack of evidence, and every time about a worse model", async () => {
    const rule = { rule: "auc against v1", expected: "difference above −0.01", actual: -0.02, passed: false };
    const refuse = async (run: Partial<RunPlan>, lacks = true) => {
      const verdict = [{ ...rule, ...(lacks && { lacks_evidence: true }) }];
      bucket.put(`${reports}/evaluation/evaluation.json`, evaluation({}, null, verdict));
      const answer = await handler({ run: runPlan(run), training });
      return answer.outcome === "refused" && answer.alert;
    };
    const [one, two] = [champion(1), champion(2)];
    expect(await refuse({ run_id: "monday", champion: one })).toBe(true);
    expect(await refuse({ run_id: "monday", champion: one })).toBe(true);
    expect(await refuse({ run_id: "tuesday", champion: one })).toBe(false);
    expect(await refuse({ run_id: "wednesday", champion: one }, false)).toBe(true);
    expect(await refuse({ run_id: "thursday", champion: one })).toBe(false);
    expect(await refuse({ run_id: "friday", champion: two })).toBe(true);
    expect(await refuse({ run_id: "saturday", champion: two })).toBe(false);
    expect(await refuse({ run_id: "sunday", champion: two, spec_uri: "s3://code/another.json" })).toBe(true);
    expect(await refuse({ run_id: "monday-2", champion: null, spec_uri: "s3://code/another.json" })).toBe(true);
  });

  it("finds on a retry the version that the first attempt registered", async () => {
    const summary = { ModelPackageArn: packageArn(6), ModelPackageDescription: "run run-1: auc 0.8" };
    sagemaker.on(ListModelPackagesCommand).resolves({
      ModelPackageSummaryList: [
        { ModelPackageArn: packageArn(7), ModelPackageDescription: "run run-10: auc" },
        summary,
      ],
    } as never);
    await expect(handler(event)).resolves.toMatchObject({ outcome: "registered", version: 6 });
    expect(sagemaker.commandCalls(CreateModelPackageCommand)).toHaveLength(0);
  });

  it("records a lineage that satisfies the contract", async () => {
    await handler(event);
    const [create] = sagemaker.commandCalls(CreateModelPackageCommand);
    expect(modelLineage.parse(create?.args[0].input.CustomerMetadataProperties)).toMatchObject({
      events_snapshot_id: dataset.events_snapshot_id,
      feature_snapshot_id: dataset.feature_snapshot_id,
      hp_eta: "0.1",
    });
  });

  it("rejects a snapshot ID that is a JSON number and may have been rounded", async () => {
    bucket.put(`${reports}/train-dataset.json`, { ...dataset, events_snapshot_id: 12 });
    await expect(handler(event)).rejects.toThrow("train-dataset.json is not as expected: events_snapshot_id: expected");
  });

  it("names a report that is missing or not JSON, and the step that writes it", async () => {
    bucket.put(`${reports}/train-dataset.json`, "{NaN");
    await expect(handler(event)).rejects.toThrow(`${reports}/train-dataset.json is not JSON`);
    bucket.objects.delete(`${reports}/evaluation/evaluation.json`);
    await expect(handler(event)).rejects.toMatchObject({
      name: "MissingReport",
      message: `${reports}/evaluation/evaluation.json is missing; the evaluation should have written it`,
    });
  });

  it("fails if SageMaker returns no ARN", async () => {
    sagemaker.on(CreateModelPackageCommand).resolves({} as never);
    await expect(handler(event)).rejects.toThrow("CreateModelPackage returned no ARN");
  });
});
