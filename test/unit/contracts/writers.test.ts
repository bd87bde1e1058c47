import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as z from "zod/mini";
import { datasets, jobDatasets } from "../../../contracts/datasets";
import { driftReport } from "../../../contracts/drift-report";
import { evaluation } from "../../../contracts/evaluation";
import { prediction } from "../../../contracts/prediction";
import { registrationInput } from "../../../contracts/registration";
import { runInput } from "../../../contracts/run-execution";
import { runPlan } from "../../../contracts/run-plan";
import { serveInput } from "../../../contracts/serve-execution";
import { summary } from "../../../contracts/summary";
import { day, instant, snapshotId, uri } from "../../../contracts/values";
import { judgeDrift, skippedReport } from "../../../lambdas/monitor-drift/core";
import { decide as decideRetraining } from "../../../lambdas/monitor-retrain/core";
import { driftFinding } from "../../../lambdas/monitor-retrain/finding";
import { planRun } from "../../../lambdas/run-plan/core";
import { toInstance, toPrediction } from "../../../lambdas/serve-predict/core";
import { decide as decideDeployment } from "../../../lambdas/serve-start/core";
import { summaryFixture } from "../cli/summary.fixture";
import { featureOf, scoreOf } from "../drift-fixture";
import * as made from "../lambdas/factories";

/** A written value must satisfy the contract and have no other fields, because the JSON Schema would reject them. */
function expectExact<Schema extends z.ZodMiniType>(schema: Schema, value: unknown): void {
  const json: unknown = JSON.parse(JSON.stringify(value));
  expect(schema.parse(json)).toEqual(json);
}

const anyDay = fc
  .date({ min: new Date("1970-01-01"), max: new Date("2200-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("written values satisfy their contract", () => {
  test("the plan of any run", () => {
    const context = {
      ...{
        jobNamePrefix: "daybreak-dev-shop--",
        region: "us-east-1",
        specUri: "s3://code/spec.json",
        gitCommit: "0123abc",
        gitDirty: false,
      },
      ...{ modelSourceUri: "s3://code/model/abc/source", trainingSetsUri: "s3://lake/datasets/shop" },
      ...{ scoringSetsUri: "s3://lake/scores/shop/sets", scoreReportsUri: "s3://lake/reports/shop/scores" },
      ...{ modelsUri: "s3://lake/models/shop", runReportsUri: "s3://lake/reports/shop/runs" },
    };
    const champion = {
      model_package_arn: made.packageArn(1),
      version: 1,
      model_data_url: "s3://lake/model.tar.gz",
      baseline_uri: "s3://lake/baseline.json",
      evaluated_model_data_url: "s3://lake/models/evaluated/model.tar.gz",
      last_label_day: "2026-02-23",
    };
    fc.assert(
      fc.property(
        fc.constantFrom("features" as const, "train" as const),
        fc.string({ minLength: 1 }),
        fc.constantFrom({}, { champion }, { champion, floor: champion }),
        (mode, name, predecessors) => {
          expectExact(runPlan, planRun(made.planEvent({ mode }, name), made.spec, context, predecessors));
        },
      ),
    );
  });

  test("a drift report, with a result or skipped", () => {
    const drift = {
      ...{ run_id: "r", as_of: "2026-03-10", version: 1, rows: 400, status: "drift" as const, reason: "1 drifted: a" },
      ...{ features: { a: featureOf(2) }, score: scoreOf(0.2) },
    };
    const context = { version: 1, asOf: "2026-03-10", checkedAt: new Date(), latest: undefined };
    expectExact(driftReport, judgeDrift(drift, context));
    expectExact(driftReport, skippedReport("no endpoint", { ...context, version: null }));
  });

  test("the input of a retraining and of a deployment", () => {
    const retraining = decideRetraining(
      made.alarmEvent() as never,
      "drift",
      driftFinding(made.driftReport()),
      [],
      made.spec,
      new Date(),
    );
    expectExact(runInput, "start" in retraining ? retraining.start.input : retraining);
    const deployment = decideDeployment(made.approvalEvent() as never, "daybreak-dev-shop");
    expectExact(serveInput, "deploy" in deployment ? deployment.deploy.input : deployment);
  });

  test("a prediction", () => {
    const instance = toInstance([], made.spec.features.columns);
    const body = JSON.stringify({ predictions: [{ score: 0.4 }], model: { run_id: "run-1", version: "4" } });
    expectExact(prediction, toPrediction("c1", instance, body, 0.5));
  });

  test("the test data for the Lambdas and the report", () => {
    expectExact(registrationInput, { run: made.runPlan(), training: made.training });
    expectExact(evaluation, made.evaluation({ auc: 0.8 }, { auc: 0.7 }));
    expectExact(summary, summaryFixture());
  });
});

test("a reader ignores fields that a later release may add, but reports missing fields", () => {
  expect(driftReport.parse({ ...made.driftReport(), novelty: 1 })).toEqual(made.driftReport());
  const { rows: _, ...incomplete } = made.driftReport();
  expect(z.safeParse(driftReport, incomplete).error?.issues).toMatchObject([{ path: ["rows"] }]);
});

test("a job's datasets must be datasets of the pipeline", () => {
  expect(Object.keys(jobDatasets.shape)).toEqual(Object.keys(datasets.shape));
  expect(jobDatasets.parse({ raw_events: { uri: "s3://lake/raw/shop" } })).toEqual({
    raw_events: { uri: "s3://lake/raw/shop" },
  });
  expect(z.safeParse(jobDatasets, { events: { uri: "s3://lake/events" } }).success).toBe(false);
});

describe("values", () => {
  const accepts = (schema: z.ZodMiniType, value: unknown) => z.safeParse(schema, value).success;

  test("a day must exist in the calendar", () => {
    fc.assert(fc.property(anyDay, (text) => expect(accepts(day, text)).toBe(true)));
    for (const text of ["2026-02-30", "2025-02-29", "2026-3-1", "2026-03-01T00:00:00Z", ""]) {
      expect([text, accepts(day, text)]).toEqual([text, false]);
    }
  });

  test("an instant must have an offset", () => {
    for (const text of ["2026-03-01T05:00:00Z", "2026-03-01T05:00:00.123+00:00"])
      expect(accepts(instant, text)).toBe(true);
    for (const text of ["2026-03-01T05:00:00", "2026-03-01"]) expect(accepts(instant, text)).toBe(false);
  });

  test("a snapshot ID must be text, because a JSON number would be rounded", () => {
    expect(accepts(snapshotId, "8646911284551352321")).toBe(true);
    for (const value of [12, "", "12.5"]) expect(accepts(snapshotId, value)).toBe(false);
  });

  test("a URI must not end with a slash", () => {
    expect(accepts(uri, "s3://lake/raw/shop")).toBe(true);
    for (const text of ["s3://lake/raw/shop/", ""]) expect(accepts(uri, text)).toBe(false);
  });
});
