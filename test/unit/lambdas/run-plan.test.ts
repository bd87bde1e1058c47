import { DescribeEndpointCommand, DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { trained } from "../../../lambdas/registry-register/core";
import {
  chooseAsOf,
  labelCutoffs,
  planCutoffs,
  planEvent as planEventSchema,
  planRun,
} from "../../../lambdas/run-plan/core";
import { handler } from "../../../lambdas/run-plan/handler";
import { addDays, lastLabelDay } from "../../../lambdas/shared/days";
import { InvalidInput } from "../../../lambdas/shared/errors";
import { parseAs } from "../../../lambdas/shared/parse";
import { bundlePipeline } from "./bundled-pipeline";
import { dataset, environment, packageArn, planEvent, runPlan, spec } from "./factories";
import { FakeBucket } from "./fake-bucket";
import { sagemaker, serve, serveNothing } from "./fake-endpoint";

const context = {
  jobNamePrefix: environment.JOB_NAME_PREFIX,
  trainingSetsUri: environment.TRAINING_SETS_URI,
  scoringSetsUri: environment.SCORING_SETS_URI,
  scoreReportsUri: environment.SCORE_REPORTS_URI,
  modelsUri: environment.MODELS_URI,
  runReportsUri: environment.RUN_REPORTS_URI,
  region: "us-east-1",
  specUri: environment.SPEC_URI,
  modelSourceUri: environment.MODEL_SOURCE_URI,
  gitCommit: "0123abc",
  gitDirty: true,
};

describe("the as-of day", () => {
  it("is the requested day", () => {
    expect(chooseAsOf(planEvent({ asOf: "1997-08-04" }), "UTC")).toBe("1997-08-04");
    expect(chooseAsOf(planEvent({ asOf: "2024-02-29" }), "UTC")).toBe("2024-02-29");
    expect(chooseAsOf(planEvent({ asOf: "2026-03-10" }), "UTC")).toBe("2026-03-10");
  });

  it.each(["2026-02-30", "2025-02-29", "2026-13-01", "2026-3-1", "10.03.2026", "yesterday", ""])(
    "cannot be %j",
    (asOf) => {
      expect(() => parseAs(planEventSchema, planEvent({ asOf }), "the event", InvalidInput)).toThrow(
        "input.asOf: expected a day such as 2026-01-31",
      );
    },
  );

  it("cannot be in the future", () => {
    expect(() => chooseAsOf(planEvent({ asOf: "2026-03-11" }), "UTC")).toThrow(
      "asOf 2026-03-11 is in the future; the latest possible as-of day is 2026-03-10 (UTC)",
    );
  });

  it.each([
    ["the execution's start time", undefined, "UTC", "2026-03-10"],
    ["the scheduled time rather than the start time", "2026-03-08T05:00:00Z", "UTC", "2026-03-08"],
    ["the calendar day in the schedule's time zone", "2026-03-10T02:00:00Z", "America/Los_Angeles", "2026-03-09"],
    ["never a day whose midnight UTC is in the future", "2026-03-09T20:00:00Z", "Asia/Tokyo", "2026-03-09"],
  ])("defaults to today: %s", (_what, scheduledAt, zone, day) => {
    expect(chooseAsOf(planEvent({ scheduledAt: scheduledAt ?? null, asOf: null }), zone)).toBe(day);
  });

  it("cannot come from an invalid time", () => {
    expect(() => chooseAsOf(planEvent({ scheduledAt: "dawn" }), "UTC")).toThrow("scheduledAt must be an ISO 8601 time");
  });
});

describe("cutoffs", () => {
  const anyPlan = fc.record({
    asOf: fc
      .date({ min: new Date("1990-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
    every: fc.integer({ min: 1, max: 90 }),
    history: fc.integer({ min: 1, max: 1825 }),
    horizon: fc.integer({ min: 1, max: 365 }),
    lateness: fc.integer({ min: 0, max: 30 }),
  });

  it("are evenly spaced over the history and end with the as-of day", () => {
    fc.assert(
      fc.property(anyPlan, ({ asOf, every, history }) => {
        const cutoffs = planCutoffs(asOf, { cutoff_every_days: every, history_days: history });
        expect(cutoffs.at(-1)).toBe(asOf);
        expect(cutoffs).toHaveLength(Math.floor(history / every) + 1);
        expect((cutoffs[0] ?? "") >= addDays(asOf, -history)).toBe(true);
        for (const [index, cutoff] of cutoffs.slice(1).entries())
          expect(addDays(cutoffs[index] ?? "", every)).toBe(cutoff);
      }),
    );
  });

  it("have a label only if their horizon and the lateness of events have passed", () => {
    fc.assert(
      fc.property(anyPlan, ({ asOf, every, history, horizon, lateness }) => {
        const cutoffs = planCutoffs(asOf, { cutoff_every_days: every, history_days: history });
        const timing = {
          label: { ...spec.label, horizon_days: horizon },
          events: { ...spec.events, allowed_lateness_days: lateness },
        };
        const labelled = labelCutoffs(cutoffs, asOf, timing);
        expect(labelled).toEqual(cutoffs.slice(0, labelled.length));
        for (const cutoff of cutoffs) {
          // An event of the horizon's last day is published by runs up to as-of day last + 1 + lateness.
          const settled = addDays(lastLabelDay(cutoff, horizon), 1 + lateness);
          expect(labelled.includes(cutoff)).toBe(settled <= asOf);
        }
      }),
    );
  });
});

describe("the plan", () => {
  it("of a training run is complete", () => {
    const run = planRun(planEvent({ asOf: "2026-03-10" }), spec, context, {});
    expect(run).toMatchObject({
      run_id: "run-1",
      cutoffs: ["2026-01-27", "2026-02-03", "2026-02-10", "2026-02-17", "2026-02-24", "2026-03-03", "2026-03-10"],
      // Not 2026-02-24, whose horizon ends today: events of it may come until three days later.
      label_cutoffs: ["2026-01-27", "2026-02-03", "2026-02-10", "2026-02-17"],
      source_uri: environment.MODEL_SOURCE_URI,
      hyperparameters: {
        eta: "0.1",
        max_depth: "4",
        num_round: "50",
        seed: "11",
        threshold: "0.5",
      },
      champion: null,
      git_dirty: true,
      training_job_name: "daybreak-dev-shop--run-1",
      score_job_name: "daybreak-dev-shop--run-1-score",
      scoring_set_uri: "s3://lake/scores/shop/sets/run-1",
      score_report_uri: "s3://lake/reports/shop/scores/run-1",
      dataset_uri: "s3://lake/datasets/shop/run-1",
      report_uri: "s3://lake/reports/shop/runs/run-1",
    });
  });

  it("of a run that releases or replays data names the data and requires a reason", () => {
    const trigger = { type: "person", actor: "ada", reason: "the shop was closed" } as const;
    const planned = (input: object) => planRun(planEvent({ trigger, ...input }), spec, context, {});
    expect(planned({})).toMatchObject({ release: null, replay: null });
    expect(planned({ release: { runId: "run-0" } })).toMatchObject({ release: { run_id: "run-0" }, replay: null });
    expect(planned({ replay: { reason: "late" } })).toMatchObject({ replay: { reason: "late", run_id: null } });
    expect(() => planned({ release: { runId: "run-0" }, trigger: { ...trigger, reason: " " } })).toThrow(
      "trigger.reason must say why",
    );
    expect(() => planned({ release: { runId: "run-0" }, replay: {} })).toThrow("cannot be combined");
  });

  it("of a features run has one cutoff and no labels", () => {
    const run = planRun(planEvent({ mode: "features" }), spec, context, {});
    expect(run).toMatchObject({ mode: "features", cutoffs: ["2026-03-10"], label_cutoffs: [] });
  });

  it("has valid and unique names for any execution name", () => {
    const name = fc.string({ minLength: 1, maxLength: 80, unit: fc.constantFrom(..."abzAZ019-_.".split("")) });
    const namesOf = (executionName: string) => planRun(planEvent({}, executionName), spec, context, {});
    fc.assert(
      fc.property(name, name, (one, other) => {
        const [first, second] = [namesOf(one), namesOf(other)];
        expect(first.run_id).toMatch(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
        expect(first.training_job_name).toMatch(/^daybreak-dev-shop--[a-z0-9][a-z0-9-]{0,43}$/);
        expect(first.run_id === second.run_id).toBe(one === other);
      }),
    );
  });

  it("has job names within SageMaker's limit for the longest pipeline name", () => {
    const long = { ...context, jobNamePrefix: "daybreak-staging-a-pipeline-of-24-letters--" };
    const plan = (name: string) => planRun(planEvent({}, name), spec, long, {});
    const plans = [plan(`${"r".repeat(39)}1`), plan(`${"r".repeat(39)}2`)];
    const names = plans.flatMap((run) => [run.training_job_name, run.refit_job_name, run.score_job_name]);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(63);
    expect(new Set(names).size).toBe(6);
  });
});

describe("the handler", () => {
  const bucket = new FakeBucket();
  const baseline_uri = "s3://lake/baseline.json";

  beforeEach(() => {
    Object.assign(process.env, environment);
    bundlePipeline(spec);
    bucket.reset();
    sagemaker.reset();
  });

  it.each(["train", "features"] as const)(
    "writes the plan of mode %s with the serving version as champion",
    async (mode) => {
      serve(4);
      const { run } = await handler(planEvent({ mode }));
      expect(run.champion).toEqual({
        model_package_arn: packageArn(4),
        version: 4,
        model_data_url: "s3://lake/models/shop/v4/model.tar.gz",
        baseline_uri: "s3://lake/baseline-4.json",
        evaluated_model_data_url: "s3://lake/models/shop/v4/model.tar.gz",
        last_label_day: null,
      });
      expect(bucket.json("s3://lake/reports/shop/runs/run-1/plan.json")).toEqual(run);
    },
  );

  it("compares with the model of the champion that was evaluated, which has not seen the newest labels", async () => {
    const lineage = {
      ...{ baseline_uri: "s3://lake/baseline-4.json", last_label_day: "2026-02-23" },
      evaluated_model_data_url: "s3://lake/models/shop/run-4/model.tar.gz",
      evaluated_last_label_day: "2026-01-19",
    };
    serve(4, { lineage });
    const { run } = await handler(planEvent());
    expect(run.champion).toMatchObject({
      model_data_url: "s3://lake/models/shop/v4/model.tar.gz",
      evaluated_model_data_url: lineage.evaluated_model_data_url,
      last_label_day: "2026-01-19",
    });
  });

  it("names the last day that the labels of the champion's rows depend on, by its lineage", async () => {
    serve(4, { lineage: { baseline_uri: "s3://lake/baseline-4.json", last_label_day: "2026-02-23" } });
    const { run } = await handler(planEvent());
    expect(run.champion?.last_label_day).toBe("2026-02-23");
  });

  it("takes an older version's as-of day for the last day of its labels", async () => {
    serve(4, { lineage: { baseline_uri, as_of: "2026-03-01" } });
    const { run } = await handler(planEvent());
    expect(run.champion?.last_label_day).toBe("2026-03-01");
  });

  it("names the best version so far if the champion is not it", async () => {
    serve(2, { lineage: { baseline_uri, last_label_day: "2026-01-23" } });
    serve(4, { lineage: { baseline_uri, last_label_day: "2026-02-23", floor_version: "2" } });
    const { run } = await handler(planEvent());
    expect(run.champion?.version).toBe(4);
    expect(run.floor).toEqual({
      model_package_arn: packageArn(2),
      version: 2,
      model_data_url: "s3://lake/models/shop/v2/model.tar.gz",
      evaluated_model_data_url: "s3://lake/models/shop/v2/model.tar.gz",
      baseline_uri,
      last_label_day: "2026-01-23",
    });
  });

  it("does without the best version so far if it has been deleted, but not if it cannot be read", async () => {
    serve(4, { lineage: { baseline_uri, floor_version: "2" } });
    const failWith = (name: string, message: string) =>
      sagemaker
        .on(DescribeModelPackageCommand, { ModelPackageName: packageArn(2) })
        .rejects(Object.assign(new Error(message), { name }));
    failWith("ValidationException", `ModelPackage ${packageArn(2)} does not exist.`);
    expect((await handler(planEvent())).run).toMatchObject({ champion: { version: 4 }, floor: null });
    failWith("AccessDeniedException", "no");
    await expect(handler(planEvent())).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("plans without a champion while no version serves, and is idempotent", async () => {
    serveNothing();
    const first = await handler(planEvent());
    expect(first.run.champion).toBeNull();
    expect(await handler(planEvent())).toEqual(first);
  });

  it("fails with a clear error if the serving version has no baseline", async () => {
    serve(4, { lineage: {} });
    await expect(handler(planEvent())).rejects.toThrow("has no baseline_uri in its metadata");
  });

  describe("with a retraining that waits for labels", () => {
    const waiting = { onset: "2026-02-11", due: "2026-03-10", alarm: "drift-alarm", reason: "1 drifted: spend" };
    const dawn = (asOf: string) => planEvent({ mode: "features", asOf, trigger: { type: "schedule", actor: "dawn" } });
    const last = (as_of: string) => ({ ...trained(runPlan({ run_id: "run-0", as_of }), dataset, 3) });
    const lastUri = `${environment.TRAINING_STATE_URI}/last.json`;

    beforeEach(() => {
      serveNothing();
      bucket.put(`${environment.DRIFT_REPORTS_URI}/retraining.json`, waiting);
    });

    it("trains at the dawn of the day on which it is due, once, and again if that run fails", async () => {
      expect((await handler(dawn("2026-03-09"))).run.mode).toBe("features");
      const { run } = await handler(dawn("2026-03-10"));
      expect(run).toMatchObject({
        mode: "train",
        trigger: { type: "drift", actor: "drift-alarm", reason: waiting.reason },
      });
      expect(run.label_cutoffs.length).toBeGreaterThan(0);
      // The same execution again gets the same plan; the run of the next day trains if this one evaluated no model.
      expect(await handler(dawn("2026-03-10"))).toEqual({ run });
      bucket.put(lastUri, last("2026-03-03"));
      expect((await handler(dawn("2026-03-10"))).run.mode).toBe("train");
      bucket.put(lastUri, last("2026-03-10"));
      expect((await handler(dawn("2026-03-10"))).run.mode).toBe("features");
    });

    it("leaves a run that a person starts as it is", async () => {
      expect((await handler(planEvent({ mode: "features", asOf: "2026-03-10" }))).run.mode).toBe("features");
    });
  });

  it("reports what is invalid in its event", async () => {
    const event = { ...planEvent(), input: { mode: "training", trigger: { type: "person", actor: "ada" } } };
    await expect(handler(event)).rejects.toThrow(
      'the event of run-plan is not as expected: input.mode: expected one of features, train, got "training"',
    );
    const mistyped = { ...planEvent(), input: { ...planEvent().input, as_of: "2026-03-01" } };
    await expect(handler(mistyped)).rejects.toThrow("input.as_of: unknown, remove it or correct its name");
    await expect(handler({})).rejects.toMatchObject({ name: "InvalidInput" });
  });

  it("throws other errors from SageMaker", async () => {
    sagemaker.on(DescribeEndpointCommand).rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
    await expect(handler(planEvent())).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
