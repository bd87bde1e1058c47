import {
  CreateModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { modelLineage } from "../../../contracts/model-lineage";
import { clientToken, lineage, metadataText, packageRequest } from "../../../lambdas/registry-register/core";
import { judge, summarize } from "../../../lambdas/registry-register/gate";
import { handler } from "../../../lambdas/registry-register/handler";
import { bundlePipeline } from "./bundled-pipeline";
import { dataset, environment, evaluation, packageArn, runPlan, spec, training } from "./factories";
import { FakeBucket } from "./fake-bucket";
import { sagemaker } from "./fake-endpoint";

const reports = "s3://lake/reports/shop/runs/run-1";

describe("the gate", () => {
  it("passes a first model that reaches every minimum, and lists every rule", () => {
    expect(judge(evaluation(), spec.gates)).toEqual({
      passed: true,
      verdict: [
        { rule: "test rows", expected: "at least 100", actual: 500, passed: true },
        { rule: "auc", expected: "at least 0.6", actual: 0.8, passed: true },
        { rule: "f1", expected: "at least 0.5", actual: 0.7, passed: true },
        { rule: "auc against the champion", expected: "no champion serves yet", actual: 0.8, passed: true },
      ],
    });
  });

  it.each<[string, Parameters<typeof evaluation>, string]>([
    ["a metric below its minimum", [{ auc: 0.59, f1: 0.7 }], "auc"],
    ["a metric that could not be computed", [{ auc: 0.8, f1: null }], "f1"],
    ["a metric that is missing", [{ auc: 0.8 }], "f1"],
    ["too few test rows", [{ auc: 0.8, f1: 0.7 }, null, 99], "test rows"],
    [
      "a challenger worse than the champion beyond the margin",
      [{ auc: 0.7, f1: 0.7 }, { auc: 0.72 }],
      "auc against the champion",
    ],
    ["a champion without the metric on these rows", [{ auc: 0.8, f1: 0.7 }, { auc: null }], "auc against the champion"],
  ])("refuses %s", (_what, parts, rule) => {
    const { passed, verdict } = judge(evaluation(...parts), spec.gates);
    expect(passed).toBe(false);
    expect(verdict.filter((entry) => !entry.passed).map((entry) => entry.rule)).toContain(rule);
  });

  it("passes a challenger that is worse than the champion by no more than the margin", () => {
    expect(judge(evaluation({ auc: 0.711, f1: 0.7 }, { auc: 0.72 }), spec.gates).passed).toBe(true);
  });

  const share = fc.double({ min: 0, max: 1, noNaN: true });

  it("never refuses a better model while it passes a worse one", () => {
    fc.assert(
      fc.property(share, share, share, share, share, (auc, f1, moreAuc, moreF1, champion) => {
        const worse = judge(evaluation({ auc, f1 }, { auc: champion }), spec.gates);
        const better = judge(
          evaluation({ auc: Math.max(auc, moreAuc), f1: Math.max(f1, moreF1) }, { auc: champion }),
          spec.gates,
        );
        expect(better.passed || !worse.passed).toBe(true);
      }),
    );
  });

  it("never passes a model that it refuses with lower thresholds", () => {
    fc.assert(
      fc.property(share, share, share, (auc, bar, other) => {
        const gates = (minimum: number) => ({ ...spec.gates, minimum: { auc: minimum } });
        const high = judge(evaluation({ auc }), gates(Math.max(bar, other)));
        const low = judge(evaluation({ auc }), gates(Math.min(bar, other)));
        expect(low.passed || !high.passed).toBe(true);
      }),
    );
  });

  it("passes exactly if every rule passes", () => {
    fc.assert(
      fc.property(share, share, share, fc.nat(1000), (auc, f1, champion, rows) => {
        const { passed, verdict } = judge(evaluation({ auc, f1 }, { auc: champion }, rows), spec.gates);
        expect(passed).toBe(verdict.every((rule) => rule.passed));
      }),
    );
  });

  it("is summarized in one line", () => {
    const { verdict } = judge(evaluation({ auc: 0.7 }, { auc: 0.72341 }), spec.gates);
    expect(summarize(verdict)).toBe(
      "test rows 500 (at least 100), auc 0.7 (at least 0.6), f1 none (at least 0.5) FAILED, " +
        "auc against the champion 0.7 (at least 0.7234 − 0.01) FAILED",
    );
  });
});

describe("the registry entry", () => {
  const candidate = {
    run: runPlan({
      champion: {
        model_package_arn: packageArn(1),
        version: 1,
        model_data_url: "s3://lake/m",
        baseline_uri: "s3://lake/b",
        last_label_day: null,
      },
    }),
    training,
    spec,
    evaluation: evaluation({ auc: 0.81234567, f1: 0.7 }),
    dataset,
    verdict: judge(evaluation(), spec.gates).verdict,
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
      fitted_rows: "1200",
      fitted_cutoffs: "2026-02-03 to 2026-02-10",
      // The horizon of 14 days begins with the as-of day.
      last_label_day: "2026-02-23",
      evaluated_cutoffs: "2026-03-03 to 2026-03-03",
      auc: "0.812346",
      f1: "0.7",
      test_rows: "500",
      champion_version: "1",
      baseline_uri: `${reports}/evaluation/baseline.json`,
      evaluation_uri: `${reports}/evaluation/evaluation.json`,
      sourcedir_uri: environment.TRAINING_SOURCE_URI,
      hp_eta: "0.1",
    });
  });

  it("carries the warnings of the evaluation to the description and the lineage", () => {
    const warned = {
      ...candidate,
      evaluation: { ...candidate.evaluation, warnings: ["Feature a: AUC 1.", "Feature b."] },
    };
    expect(packageRequest(warned).ModelPackageDescription).toMatch(
      /^run run-1: .*\. WARNING: Feature a: AUC 1\. WARNING: Feature b\.$/,
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
        Containers: [{ Image: environment.IMAGE_URI, Environment: { SAGEMAKER_PROGRAM: "serve.py" } }],
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
  const event = { run: runPlan(), training };

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

  it("does not register a model that fails, and returns the gate's figures", async () => {
    bucket.put(`${reports}/evaluation/evaluation.json`, evaluation({ auc: 0.5, f1: 0.1 }));
    const outcome = await handler(event);
    expect(outcome).toMatchObject({
      outcome: "refused",
      verdict: expect.arrayContaining([expect.objectContaining({ rule: "auc", actual: 0.5 })]),
    });
    expect(outcome).not.toHaveProperty("modelPackageArn");
    expect(sagemaker.calls()).toHaveLength(0);
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
