import { expect, test } from "@jest/globals";
import { answerIn, describeQuality } from "../../../cli/demo/monitor";
import { consequenceText } from "../../../cli/report/format";
import { type AlertMessage, alertMessage } from "../../../contracts/alert-message";
import { alarmEvent as alarmEventSchema, type Decision, decide } from "../../../lambdas/monitor-retrain/core";
import { driftFinding } from "../../../lambdas/monitor-retrain/finding";
import { alarmEvent, driftReport, qualityReport, spec } from "../lambdas/factories";

const about = { environment: "dev", pipeline: "shop", alarmName: "daybreak-dev-shop-drift", cause: "drift" };
const alarm = alarmEventSchema.parse(alarmEvent());
const deployed: AlertMessage = {
  kind: "model-deployed",
  ...{ environment: "dev", pipeline: "shop", version: 1, endpointName: "e", executionArn: "a" },
  modelPackageArn: "arn:aws:sagemaker:us-east-1:000000000000:model-package/daybreak-dev-shop/1",
};

/** The reason that the Lambda gives for starting no training run. */
function suppressedBy(decision: Decision): string {
  if ("suppressed" in decision) return decision.suppressed;
  throw new Error(`expected a suppressed retraining, got ${JSON.stringify(decision)}`);
}

test.each([
  ["no check", decide(alarm, "drift", undefined, [], spec, new Date())],
  ["a stable check", decide(alarm, "drift", driftFinding(driftReport({ status: "stable" })), [], spec, new Date())],
  [
    "the cooldown",
    decide(
      alarm,
      "drift",
      driftFinding(driftReport()),
      [{ name: "drift-20260310-20260310T050000Z", startedAt: new Date("2026-03-10T05:00:00Z") }],
      spec,
      new Date("2026-03-10T06:00:00Z"),
    ),
  ],
])("a suppressed retraining ends the wait and is reported with its reason: %s", (_what, decision) => {
  const reason = suppressedBy(decision);
  const message = alertMessage.parse({ kind: "retraining-suppressed", ...about, reason });
  const answer = answerIn([deployed, message], "drift");
  expect(answer).toEqual({ consequence: { outcome: "retraining-suppressed", reason }, retraining: undefined });
  expect(consequenceText({ outcome: "retraining-suppressed", reason })).toBe(`no retraining: ${reason}`);
});

test("the execution named in the alert about a retraining is followed", () => {
  const executionArn = "arn:aws:states:us-east-1:000000000000:execution:daybreak-dev-shop-run:drift-1";
  const message = alertMessage.parse({
    kind: "retraining-started",
    ...about,
    ...{
      asOf: "2026-03-10",
      version: 1,
      rows: 500,
      drifted: [{ name: "spend", psi: 0.7 }],
      shortfall: null,
      executionArn,
    },
  });
  expect(answerIn([message], "drift")).toMatchObject({
    consequence: { outcome: "retraining-started" },
    retraining: { executionArn },
  });
});

test("a retraining that waits for labels ends the wait with the day for which it waits", () => {
  const days = { asOf: "2026-03-10", onset: "2026-03-09", due: "2026-04-06" };
  const message = alertMessage.parse({
    kind: "retraining-postponed",
    ...about,
    ...days,
    version: 1,
    drifted: [],
    shortfall: null,
  });
  const answer = answerIn([message], "drift");
  expect(answer).toMatchObject({ consequence: { outcome: "retraining-postponed" }, retraining: undefined });
  if (answer === undefined) throw new Error("expected an answer");
  expect(consequenceText(answer.consequence)).toMatch(/the retraining waits: .*2026-03-09 are known on 2026-04-06/);
});

test("the answer to one alarm is not taken for the answer to another", () => {
  const message = alertMessage.parse({ kind: "retraining-suppressed", ...about, reason: "cooldown" });
  expect(answerIn([message], "quality")).toBeUndefined();
});

test("a check of the quality is one line with the metric, its interval and the promise", () => {
  expect(describeQuality(qualityReport())).toBe(
    "quality of v1: BELOW THE PROMISE: AUC 0.610 [0.570, 0.650], promised 0.720 (900 scores as of 2026-02-10)",
  );
  const two = { status: "kept" as const, days: ["2026-02-10", "2026-02-11"] };
  expect(describeQuality(qualityReport(two))).toBe(
    "quality of v1: AUC 0.610 [0.570, 0.650], promised 0.720 (900 scores of 2 days)",
  );
  expect(describeQuality(qualityReport({ status: "skipped", reason: "40 scores" }))).toBe(
    "quality of v1: no result (40 scores)",
  );
});

test("other alerts are not a response to the alarm", () => {
  expect(answerIn([], "drift")).toBeUndefined();
  expect(answerIn([deployed], "drift")).toBeUndefined();
});
