import { ListExecutionsCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { alertMessage } from "../../../contracts/alert-message";
import { decide, dueDay, type EarlierRun, horizonOf } from "../../../lambdas/monitor-retrain/core";
import { driftFinding, qualityFinding } from "../../../lambdas/monitor-retrain/finding";
import { handler } from "../../../lambdas/monitor-retrain/handler";
import { labelledSince } from "../../../lambdas/run-plan/core";
import { addDays } from "../../../lambdas/shared/days";
import { scoreOf } from "../drift-fixture";
import { bundlePipeline } from "./bundled-pipeline";
import { alarmEvent, driftReport, environment, machineArn, qualityReport, spec } from "./factories";
import { FakeBucket } from "./fake-bucket";

const now = new Date("2026-03-10T06:02:00Z");
const limits = spec.monitoring;
const hoursAgo = (hours: number, name = `drift-${hours}`): EarlierRun => ({
  name,
  startedAt: new Date(now.getTime() - hours * 3_600_000),
});
const rules = (changes: Partial<typeof limits> = {}) => ({ ...spec, monitoring: { ...limits, ...changes } });
const judge = (earlier: EarlierRun[] = [], changes: Partial<typeof limits> = {}) =>
  decide(alarmEvent() as never, "drift", driftFinding(driftReport()), earlier, rules(changes), now);

describe("the decision", () => {
  it("starts a training run as of the drift check and states the reason", () => {
    expect(judge()).toEqual({
      start: {
        name: "drift-20260310-20260310T060000Z",
        input: {
          mode: "train",
          asOf: "2026-03-10",
          trigger: { type: "drift", actor: "daybreak-dev-shop-drift", reason: "1 drifted: spend" },
        },
      },
    });
  });

  it("is the same for a retry, after its run has started", () => {
    expect(judge([hoursAgo(0, "drift-20260310-20260310T060000Z")])).toEqual(judge());
  });

  it("does nothing when the alarm recovers", () => {
    expect(decide(alarmEvent("OK") as never, "drift", driftFinding(driftReport()), [], spec, now)).toEqual({
      repeat: "daybreak-dev-shop-drift changed to OK",
    });
  });

  it("waits for the cooldown to end", () => {
    expect(judge([hoursAgo(23)])).toEqual({
      suppressed: expect.stringContaining("the cooldown of 24 h ends 2026-03-10T07:02:00.000Z"),
    });
    expect(judge([hoursAgo(24)])).toHaveProperty("start");
    expect(judge([hoursAgo(1)], { cooldown_hours: 0 })).toHaveProperty("start");
  });

  it("respects the monthly limit, which does not count other runs and other months", () => {
    const four = [30, 60, 90, 120].map((hours) => hoursAgo(hours));
    expect(judge(four)).toEqual({ suppressed: "4 retrainings started in 2026-03; the pipeline allows 4 a month" });
    expect(judge([...four.slice(1), hoursAgo(300)])).toHaveProperty("start");
    expect(judge([...four.slice(1), hoursAgo(30, "person-1")])).toHaveProperty("start");
  });

  it.each<[string, Parameters<typeof driftReport>[0] | undefined, string]>([
    ["no check", undefined, "no drift check has been made yet"],
    ["a stable check", { status: "stable" }, "has the status stable"],
    ["a skipped check", { status: "skipped" }, "has the status skipped"],
  ])("starts nothing after %s", (_what, report, reason) => {
    const latest = report && driftFinding(driftReport(report));
    expect(decide(alarmEvent() as never, "drift", latest, [], spec, now)).toEqual({
      suppressed: expect.stringContaining(reason),
    });
  });

  it("waits until enough labelled cutoffs lie after the beginning of the drift, whatever the limits", () => {
    const decided = (onset: string, earlier: EarlierRun[] = []) =>
      decide(alarmEvent() as never, "drift", driftFinding(driftReport({ drifting_since: onset })), earlier, spec, now);
    // Of the cutoffs since 2026-02-10, two have a label on 2026-03-10: that one and 2026-02-17.
    expect(decided("2026-02-10")).toHaveProperty("start");
    const postponed = { cause: "drift", onset: "2026-02-11", due: "2026-03-11", alarm: "daybreak-dev-shop-drift" };
    expect(decided("2026-02-11")).toEqual({
      postponed: { ...postponed, due: "2026-03-11", reason: "1 drifted: spend" },
    });
    expect(decided("2026-02-11", [hoursAgo(1)])).toHaveProperty("postponed");
    expect(decided("2026-03-10")).toMatchObject({ postponed: { due: "2026-04-07" } });
  });

  it("waits for the first day with that many labelled cutoffs, and no longer", () => {
    const numbers = { every: fc.integer({ min: 1, max: 14 }), horizon: fc.integer({ min: 1, max: 60 }) };
    fc.assert(
      fc.property(
        fc.record({ ...numbers, lateness: fc.integer({ min: 0, max: 10 }), least: fc.integer({ min: 1, max: 5 }) }),
        ({ every, horizon, lateness, least }) => {
          const changed = {
            monitoring: { ...limits, retrain_after_cutoffs: least },
            training: { ...spec.training, cutoff_every_days: every, history_days: 200 },
            label: { ...spec.label, horizon_days: horizon },
            events: { ...spec.events, allowed_lateness_days: lateness },
          };
          const due = dueDay("2026-01-01", changed);
          expect(labelledSince("2026-01-01", due, changed).length).toBe(least);
          for (let before = 1; before <= 14; before += 1) {
            expect(labelledSince("2026-01-01", addDays(due, -before), changed).length).toBeLessThan(least);
          }
        },
      ),
    );
  });

  it("never starts more runs than the limit in a month, nor two within a cooldown", () => {
    const hours = fc.array(fc.double({ min: 0, max: 31 * 24, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(
        hours,
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0, max: 200, noNaN: true }),
        (checks, cap, cooldown) => {
          const runs: EarlierRun[] = [];
          for (const hour of [...checks].sort((a, b) => a - b)) {
            const at = new Date(Date.UTC(2026, 2, 1) + hour * 3_600_000);
            const report = driftFinding(driftReport({ checked_at: at.toISOString() }));
            const changed = rules({ max_retrains_per_month: cap, cooldown_hours: cooldown });
            const decision = decide(alarmEvent() as never, "drift", report, runs, changed, at);
            if (!("start" in decision)) continue;
            const { name } = decision.start;
            if (!runs.some((run) => run.name === name)) runs.push({ name, startedAt: at });
          }
          expect(runs.filter((run) => run.startedAt.getUTCMonth() === 2).length).toBeLessThanOrEqual(cap);
          for (const [index, run] of runs.slice(1).entries()) {
            const gap = run.startedAt.getTime() - (runs[index]?.startedAt.getTime() ?? 0);
            expect(gap).toBeGreaterThanOrEqual(Math.floor(cooldown * 3_600_000));
          }
        },
      ),
    );
  });

  it("considers executions since the start of the month, or longer ago if the cooldown is long", () => {
    expect(horizonOf(limits, now)).toEqual(new Date("2026-03-01T00:00:00Z"));
    expect(horizonOf({ ...limits, cooldown_hours: 24 * 30 }, now)).toEqual(new Date("2026-02-08T06:02:00Z"));
  });
});

describe("the decision after a broken promise of quality", () => {
  const decided = (changes: Parameters<typeof qualityReport>[0] = {}, earlier: EarlierRun[] = []) =>
    decide(alarmEvent() as never, "quality", qualityFinding(qualityReport(changes)), earlier, spec, now);

  it("starts a training run if enough labelled cutoffs lie after the day since which it is broken", () => {
    expect(decided({ onset: "2026-02-10" })).toEqual({
      start: {
        name: "quality-20260310-20260310T060000Z",
        input: {
          mode: "train",
          asOf: "2026-03-10",
          trigger: { type: "quality", actor: "daybreak-dev-shop-drift", reason: "auc 0.610 on 900 scores" },
        },
      },
    });
    expect(decided({ onset: "2026-02-17" })).toMatchObject({
      postponed: { cause: "quality", onset: "2026-02-17", due: "2026-03-17" },
    });
  });

  it("starts nothing if the promise is kept", () => {
    expect(decided({ status: "kept" })).toEqual({
      suppressed: "the latest quality check (2026-03-10T06:00:00.000Z) has the status kept",
    });
  });

  it("starts no second training as of a day on which drift has started one, and says so", () => {
    const sameDay = hoursAgo(0.1, "drift-20260310-20260310T055500Z");
    expect(decided({}, [sameDay])).toEqual({
      suppressed: `the training ${sameDay.name} has started as of the same day, and serves this alarm, too`,
    });
    // Of another day, in a replay that moves a week within minutes, the cooldown is over only by the clock.
    const before = hoursAgo(0.1, "drift-20260303-20260310T055500Z");
    expect(decided({}, [before])).toHaveProperty("suppressed", expect.stringContaining("cooldown of 24 h"));
  });

  it("shares cooldown and monthly limit with drift", () => {
    const four = [30, 60, 90, 120].map((hours) => hoursAgo(hours));
    expect(decided({}, four)).toHaveProperty("suppressed", expect.stringContaining("4 retrainings started in 2026-03"));
    expect(judge([hoursAgo(1, "quality-1")])).toHaveProperty("suppressed", expect.stringContaining("cooldown"));
  });
});

describe("the handler", () => {
  const bucket = new FakeBucket();
  const workflows = mockClient(SFNClient);
  const topic = mockClient(SNSClient);

  beforeEach(() => {
    Object.assign(process.env, environment);
    bundlePipeline(spec);
    bucket.reset();
    bucket.put("s3://lake/reports/shop/drift/latest.json", driftReport({ score: scoreOf(4, { psi: 0.4 }) }));
    workflows.reset();
    workflows.on(ListExecutionsCommand).resolves({ executions: [] });
    workflows.on(StartExecutionCommand).resolves({ executionArn: "arn:execution" } as never);
    topic.reset();
    topic.on(PublishCommand).resolves({});
  });

  const published = () =>
    topic.commandCalls(PublishCommand).map((call) => alertMessage.parse(JSON.parse(call.args[0].input.Message ?? "")));

  it("starts the run and publishes an alert with the drifted features", async () => {
    await handler(alarmEvent());
    const [start] = workflows.commandCalls(StartExecutionCommand);
    expect(start?.args[0].input).toMatchObject({
      stateMachineArn: machineArn,
      name: "drift-20260310-20260310T060000Z",
    });
    expect(published()).toEqual([
      {
        kind: "retraining-started",
        environment: "dev",
        pipeline: "shop",
        alarmName: "daybreak-dev-shop-drift",
        cause: "drift",
        shortfall: null,
        asOf: "2026-03-10",
        version: 1,
        rows: 500,
        drifted: [
          { name: "spend", psi: 0.72 },
          { name: "clicks", psi: 0.32 },
          { name: "(score)", psi: 0.4 },
        ],
        executionArn: "arn:execution",
      },
    ]);
  });

  it("reads the report of the check whose alarm fired, and publishes the metrics beside those of the evaluation", async () => {
    bucket.put("s3://lake/reports/shop/model-quality/latest.json", qualityReport());
    await handler(alarmEvent("ALARM", environment.QUALITY_ALARM_NAME));
    const [start] = workflows.commandCalls(StartExecutionCommand);
    expect(start?.args[0].input).toMatchObject({ name: "quality-20260310-20260310T060000Z" });
    expect(published()).toMatchObject([
      {
        ...{ kind: "retraining-started", cause: "quality", version: 1, rows: 900, drifted: [] },
        shortfall: {
          ...{ days: ["2026-02-10"], rows: 900 },
          metrics: [
            { name: "auc", value: 0.61, interval: [0.57, 0.65], promised: 0.72, promisedInterval: [0.7, 0.74] },
            { name: "f1" },
            { name: "log_loss" },
            { name: "base_rate" },
          ],
        },
      },
    ]);
  });

  it("says so if the alarm of quality fires before any check", async () => {
    await handler(alarmEvent("ALARM", environment.QUALITY_ALARM_NAME));
    expect(published()).toMatchObject([
      { kind: "retraining-suppressed", cause: "quality", reason: "no quality check has been made yet" },
    ]);
  });

  const waiting = "s3://lake/reports/shop/drift/retraining.json";

  it("keeps a retraining that waits for labels for the run at dawn, and publishes from which day they are there", async () => {
    bucket.put("s3://lake/reports/shop/drift/latest.json", driftReport({ drifting_since: "2026-03-09" }));
    await handler(alarmEvent());
    expect(workflows.commandCalls(StartExecutionCommand)).toHaveLength(0);
    const due = "2026-04-06";
    expect(bucket.json(waiting)).toMatchObject({ onset: "2026-03-09", due, alarm: "daybreak-dev-shop-drift" });
    expect(published()).toEqual([
      expect.objectContaining({ kind: "retraining-postponed", onset: "2026-03-09", due, drifted: expect.any(Array) }),
    ]);
  });

  it("does not put off a retraining that waits already, unless its day is past", async () => {
    bucket.put("s3://lake/reports/shop/drift/latest.json", driftReport({ drifting_since: "2026-03-09" }));
    const earlier = { cause: "quality", onset: "2026-02-20", due: "2026-03-20", alarm: "a", reason: "r" };
    bucket.put(waiting, earlier);
    await expect(handler(alarmEvent())).resolves.toEqual({ postponed: earlier });
    expect(bucket.json(waiting)).toEqual(earlier);
    expect(published()).toMatchObject([{ due: "2026-03-20" }]);
    bucket.put(waiting, { ...earlier, due: "2026-03-09" });
    await expect(handler(alarmEvent())).resolves.toMatchObject({ postponed: { due: "2026-04-06" } });
  });

  it("publishes no second alert if another alarm of the same check came first", async () => {
    workflows
      .on(StartExecutionCommand)
      .rejects(Object.assign(new Error("it exists"), { name: "ExecutionAlreadyExists" }));
    await expect(handler(alarmEvent())).resolves.toEqual({
      repeat: "drift-20260310-20260310T060000Z has started for the same drift check",
    });
    expect(published()).toEqual([]);
  });

  it("publishes the alert when it is invoked again after it ended between the start and the alert", async () => {
    topic.on(PublishCommand).rejects(new Error("the connection was lost"));
    await expect(handler(alarmEvent())).rejects.toThrow("the connection was lost");
    topic.reset();
    topic.on(PublishCommand).resolves({});
    // The execution of the first attempt runs: for the same name and input, Step Functions returns it again.
    const running = { name: "drift-20260310-20260310T060000Z", startDate: new Date() };
    workflows.on(ListExecutionsCommand).resolves({ executions: [running] } as never);
    await handler(alarmEvent());
    expect(published()).toMatchObject([{ kind: "retraining-started", executionArn: "arn:execution" }]);
  });

  it("publishes an alert with the reason if it starts none, and reads all pages of executions", async () => {
    const recent = new Date(Date.now() - 60_000);
    workflows
      .on(ListExecutionsCommand)
      .resolves({ executions: [{ name: "scheduled", startDate: new Date() }, {}], nextToken: "2" } as never);
    workflows
      .on(ListExecutionsCommand, { nextToken: "2" })
      .resolves({ executions: [{ name: "drift-x", startDate: recent }] } as never);
    await handler(alarmEvent());
    expect(workflows.commandCalls(StartExecutionCommand)).toHaveLength(0);
    expect(published()).toEqual([
      expect.objectContaining({
        kind: "retraining-suppressed",
        reason: expect.stringContaining("the last retraining (drift-x)"),
      }),
    ]);
  });

  it("stops reading executions that are older than any limit", async () => {
    const old = { name: "drift-old", startDate: new Date("2020-01-01") };
    workflows.on(ListExecutionsCommand).resolves({ executions: [old], nextToken: "2" } as never);
    await handler(alarmEvent());
    expect(workflows.commandCalls(ListExecutionsCommand)).toHaveLength(1);
  });

  it("does nothing and publishes no alert when the alarm recovers", async () => {
    await handler(alarmEvent("OK"));
    expect(workflows.commandCalls(StartExecutionCommand)).toHaveLength(0);
    expect(published()).toEqual([]);
  });
});
