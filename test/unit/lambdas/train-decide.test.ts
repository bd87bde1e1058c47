import { beforeEach, describe, expect, it } from "@jest/globals";
import type { RunPlan } from "../../../contracts/run-plan";
import type { TrainDatasetReport } from "../../../contracts/step-reports";
import type { LastAlert, LastTraining } from "../../../contracts/training-decision";
import { trained } from "../../../lambdas/registry-register/core";
import { toldOf } from "../../../lambdas/shared/told";
import { decideTraining } from "../../../lambdas/train-decide/core";
import { handler } from "../../../lambdas/train-decide/handler";
import { dataset, environment, packageArn, runPlan } from "./factories";
import { FakeBucket } from "./fake-bucket";

const champion = (version: number) => ({
  model_package_arn: packageArn(version),
  version,
  model_data_url: "s3://lake/m",
  baseline_uri: "s3://lake/baseline.json",
  evaluated_model_data_url: "s3://lake/models/evaluated/model.tar.gz",
  last_label_day: null,
});
const early: TrainDatasetReport = {
  step: "train-dataset",
  outcome: "not_enough_history",
  run_id: "run-1",
  started_at: dataset.started_at,
  finished_at: dataset.finished_at,
  seconds: 1,
  reason: "the events begin on 2026-01-01, and 2 as-of days have rows and a known label",
  enough_from: "2026-04-01",
  incomplete_windows: { action: "drop", cutoffs: [] },
};

/** The record of an earlier run with the same training set. */
const last = (changes: Partial<LastTraining> = {}): LastTraining => ({
  ...trained(runPlan({ run_id: "run-0", as_of: "2026-03-10" }), dataset, 3),
  ...changes,
});

describe("the decision whether to train", () => {
  it("is to train on the first training set", () => {
    expect(decideTraining(runPlan(), dataset, undefined)).toEqual({ outcome: "train" });
  });

  it("is not to train again what the last run trained on", () => {
    expect(decideTraining(runPlan(), dataset, last())).toEqual({
      outcome: "unchanged",
      reason:
        "The training set, pipeline.yaml with its SQL, and the code are those of the run run-0 as of 2026-03-10, which became v3. Training would give the same model.",
    });
  });

  it.each([
    ["a row differs", { digest: "other" }],
    ["pipeline.yaml or its SQL differs", { spec_uri: "s3://code/pipelines/shop/def.json" }],
    ["the code of training differs", { source_uri: "s3://code/model/def/source" }],
    ["it is the same run, repeated", { run_id: "run-1" }],
  ])("is to train if %s", (_what, changes) => {
    expect(decideTraining(runPlan(), dataset, last(changes))).toEqual({ outcome: "train" });
  });

  it("is to train again what the gate refused only if another version serves now", () => {
    const refused = last({ version: null, champion_version: 1 });
    expect(decideTraining(runPlan({ champion: champion(1) }), dataset, refused)).toMatchObject({
      outcome: "unchanged",
      reason: expect.stringContaining("run-0 as of 2026-03-10, which the gate refused."),
    });
    expect(decideTraining(runPlan({ champion: champion(2) }), dataset, refused)).toEqual({ outcome: "train" });
    // A registered model can be approved, whatever serves.
    expect(decideTraining(runPlan({ champion: champion(3) }), dataset, last())).toMatchObject({ outcome: "unchanged" });
  });

  it("says from when there is enough history", () => {
    expect(decideTraining(runPlan(), early, last())).toEqual({
      outcome: "not_enough_history",
      reason: early.reason,
      enoughFrom: "2026-04-01",
      alert: true,
    });
  });

  it("tells of too little history once for each serving version and pipeline.yaml", () => {
    const alerted = (changes: Partial<RunPlan>, told?: LastAlert, newest?: LastTraining) => {
      const decision = decideTraining(runPlan(changes), early, newest, told);
      return decision.outcome === "not_enough_history" && decision.alert;
    };
    const told = toldOf(runPlan({ run_id: "run-0", as_of: "2026-03-10" }));
    expect(alerted({})).toBe(true);
    expect(alerted({}, told)).toBe(false);
    expect(alerted({ champion: champion(2) }, told)).toBe(true);
    expect(alerted({ spec_uri: "s3://code/pipelines/shop/def.json" }, told)).toBe(true);
    // A retry of the run whose alert may have failed.
    expect(alerted({ run_id: "run-0" }, told)).toBe(true);
    // There was enough meanwhile.
    expect(alerted({}, told, last({ as_of: "2026-03-12" }))).toBe(true);
    expect(alerted({}, told, last({ as_of: "2026-03-02" }))).toBe(false);
  });
});

describe("the handler", () => {
  const bucket = new FakeBucket();
  const report = "s3://lake/reports/shop/runs/run-1/train-dataset.json";

  beforeEach(() => {
    Object.assign(process.env, environment);
    bucket.reset();
  });

  it("compares the run's training set with the last one's", async () => {
    bucket.put(report, dataset);
    await expect(handler({ run: runPlan() })).resolves.toEqual({ outcome: "train" });
    bucket.put(`${environment.TRAINING_STATE_URI}/last.json`, last());
    await expect(handler({ run: runPlan() })).resolves.toMatchObject({ outcome: "unchanged" });
  });

  it("remembers that it has told of too little history", async () => {
    bucket.put(report, early);
    await expect(handler({ run: runPlan() })).resolves.toMatchObject({ alert: true });
    const next = "s3://lake/reports/shop/runs/run-2";
    bucket.put(`${next}/train-dataset.json`, early);
    await expect(handler({ run: runPlan({ run_id: "run-2", report_uri: next }) })).resolves.toMatchObject({
      outcome: "not_enough_history",
      alert: false,
    });
  });

  it("fails if the step train-dataset has written no report", async () => {
    await expect(handler({ run: runPlan() })).rejects.toThrow("the step train-dataset should have written it");
  });
});
