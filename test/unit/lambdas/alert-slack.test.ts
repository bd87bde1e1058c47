import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { AlertMessage } from "../../../contracts/alert-message";
import { pipelineNames } from "../../../infra/names";
import { classify, isMuted } from "../../../lambdas/alert-slack/classify";
import { render } from "../../../lambdas/alert-slack/core";
import { packageArn } from "./factories";

const about = { environment: "dev", pipeline: "shop" };
const verdict = [
  { rule: "auc", expected: "at least 0.6", actual: 0.712345, passed: true },
  { rule: "f1", expected: "at least 0.5", actual: null, passed: false },
];
const warnings = ["The feature next_order nearly equals the label & more."];
const ofModel = {
  ...about,
  runId: "run-1",
  asOf: "2026-03-10",
  verdict,
  warnings,
  executionArn: "arn:execution:run-1",
};
const deployment = {
  ...about,
  version: 4,
  modelPackageArn: packageArn(4),
  endpointName: "daybreak-dev-shop",
  executionArn: "arn:e",
};

const messages: AlertMessage[] = [
  {
    kind: "workflow-failed",
    ...about,
    workflow: "run",
    step: "Train",
    error: "AlgorithmError",
    cause: '{"FailureReason":"UserError: one class <only>"}',
  },
  { kind: "model-refused", ...ofModel },
  {
    ...{ kind: "model-registered", ...ofModel, version: 4, modelPackageArn: packageArn(4), approval: "manual" },
    evidence: ["The threshold is 0.231, <chosen> by profit."],
  },
  { kind: "model-deployed", ...deployment },
  { kind: "deployment-rolled-back", ...deployment, reason: "the endpoint went back" },
  {
    kind: "retraining-started",
    ...about,
    alarmName: "drift",
    asOf: "2026-03-10",
    version: 3,
    rows: 500,
    cause: "drift",
    drifted: [{ name: "spend", psi: 0.71234 }],
    shortfall: null,
    executionArn: "arn:e",
  },
  { kind: "retraining-suppressed", ...about, alarmName: "drift", cause: "drift", reason: "cooldown" },
  {
    kind: "training-skipped",
    ...about,
    runId: "run-1",
    asOf: "2026-03-10",
    outcome: "not_enough_history",
    reason: "2 as-of days have rows and a known label",
  },
  {
    kind: "retraining-postponed",
    ...about,
    alarmName: "drift",
    asOf: "2026-03-10",
    version: 3,
    onset: "2026-03-09",
    due: "2026-04-06",
    cause: "drift",
    drifted: [{ name: "spend", psi: 0.71234 }],
    shortfall: null,
  },
  {
    ...{ kind: "model-promoted", ...about, version: 5, modelPackageArn: packageArn(5), from: "v3 in staging" },
    ...{ promotedBy: "carol", description: "run run-1: auc 0.71 (at least 0.6).", warnings },
  },
];

const alarm = {
  AlarmName: "daybreak-dev-shop-drift-features",
  AlarmDescription: "More features drifted than the pipeline takes.",
  AWSAccountId: "000000000000",
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [3.0] was >= 1.0",
  StateChangeTime: "2026-03-10T06:01:00.000+0000",
  Region: "US East (N. Virginia)",
  OldStateValue: "OK",
  Trigger: {
    MetricName: "FeatureDrift",
    Namespace: "Daybreak",
    Dimensions: [
      { name: "Environment", value: "dev" },
      { name: "Pipeline", value: "shop" },
    ],
  },
};

const textOf = (value: unknown) =>
  JSON.stringify(render(classify(typeof value === "string" ? value : JSON.stringify(value))));

describe("the Slack message", () => {
  it.each<[string, unknown, string[]]>([
    [
      "a failed workflow",
      messages[0],
      ["the run failed at Train", "AlgorithmError", "UserError: one class &lt;only&gt;"],
    ],
    [
      "a refused model",
      messages[1],
      [
        "the gate refused the model of 2026-03-10",
        ":x: *f1* not computed (at least 0.5)",
        ":white_check_mark: *auc* 0.7123",
        ":warning: The feature next_order nearly equals the label &amp; more.",
        "Nothing was registered",
      ],
    ],
    [
      "a refusal for lack of evidence, which is no alarm",
      {
        ...messages[1],
        verdict: [{ rule: "auc against v1", expected: "above", actual: -0.02, passed: false, lacks_evidence: true }],
      },
      [":scales:", "the gate lacks the evidence to pass the model of 2026-03-10", "no further message is sent"],
    ],
    [
      "a model that awaits approval",
      messages[2],
      [
        "model v4 awaits approval",
        ":warning: The feature next_order nearly equals the label &amp; more.",
        "Approve it: `npx daybreak approve shop 4 --reason ",
        "Reject it: `npx daybreak reject shop 4 --reason ",
        packageArn(4),
      ],
    ],
    [
      "a model approved automatically",
      { ...messages[2], approval: "automatic" },
      ["model v4 was approved automatically"],
    ],
    [
      "a promoted version",
      messages[9],
      [
        ":package: shop: model v5, promoted from v3 in staging, awaits approval",
        "run run-1: auc 0.71 (at least 0.6).",
        ":warning: The feature next_order nearly equals the label &amp; more.",
        "Approve it: `npx daybreak approve shop 5 --reason ",
        "carol",
      ],
    ],
    ["a deployment", messages[3], ["the endpoint serves model v4", "daybreak-dev-shop"]],
    ["a rollback", messages[4], ["model v4 was rolled back", "the endpoint went back"]],
    ["a retraining", messages[5], ["drift, retraining started", "`spend` PSI 0.712", "500"]],
    ["a suppressed retraining", messages[6], ["drift alarm, no retraining", "cooldown"]],
    [
      "a retraining after a broken promise",
      {
        ...messages[5],
        cause: "quality",
        drifted: [],
        shortfall: {
          days: ["2026-02-09", "2026-02-10"],
          rows: 900,
          metrics: [
            { name: "auc", value: 0.61, interval: [0.57, 0.65], promised: 0.72, promisedInterval: [0.7, 0.74] },
            { name: "base_rate", value: 0.6, interval: null, promised: null, promisedInterval: null },
            { name: "log_loss", value: null, interval: null, promised: null, promisedInterval: null },
          ],
        },
      },
      [
        "shop: worse than its evaluation, retraining started",
        "900 scores of v3 (of 2 as-of days, 2026-02-09 to 2026-02-10)",
        "`auc` 0.610 [0.570, 0.650]; in the evaluation 0.720 [0.700, 0.740]",
        "`base_rate` 0.600",
        "`log_loss` unknown",
      ],
    ],
    [
      "an alarm of quality",
      {
        ...alarm,
        AlarmName: "daybreak-dev-shop-quality",
        Trigger: { ...alarm.Trigger, MetricName: "QualityShortfall" },
      },
      [":chart_with_downwards_trend: Worse than its evaluation: daybreak-dev-shop-quality fired"],
    ],
    [
      "a drift alarm",
      alarm,
      ["Drift: daybreak-dev-shop-drift-features fired", "More features drifted", "Threshold Crossed", "Pipeline shop"],
    ],
    [
      "an alarm about serving",
      { ...alarm, AlarmName: "daybreak-dev-shop-serving", Trigger: { ...alarm.Trigger, MetricName: "ServingSkew" } },
      [":electric_plug: Serving differs from what is stored: daybreak-dev-shop-serving fired", "Pipeline shop"],
    ],
    [
      "another alarm",
      { AlarmName: "errors", NewStateValue: "ALARM" },
      ["Alarm errors fired", "This alarm has no description."],
    ],
    [
      "a training run without a model",
      messages[7],
      [
        ":fast_forward: shop: no model was trained as of 2026-03-10: not enough history",
        "2 as-of days have rows",
        "show run-1",
      ],
    ],
    [
      "a retraining that waits for labels",
      messages[8],
      ["drift, retraining on 2026-04-06", "It began on 2026-03-09", "`spend` PSI 0.712", "runs shop"],
    ],
    [
      "an alarm that has recovered",
      { ...alarm, NewStateValue: "OK" },
      ["Alarm daybreak-dev-shop-drift-features has recovered", ":white_check_mark:"],
    ],
    [
      "an alarm with insufficient data",
      { AlarmName: "errors", NewStateValue: "INSUFFICIENT_DATA" },
      ["Alarm errors is INSUFFICIENT_DATA"],
    ],
    ["plain text", "hello <there>", ["Message on the alerts topic", "hello &lt;there&gt;"]],
    ["JSON of another shape", { kind: "new-thing", value: 1 }, ["new-thing"]],
    [
      "a message of the contract with a field missing",
      { kind: "model-deployed", pipeline: "shop" },
      ["model-deployed", "shop"],
    ],
  ])("%s", (_what, message, texts) => {
    for (const text of texts) expect(textOf(message)).toContain(text);
  });

  it("has a different emoji or colour for each kind", () => {
    const looks = [...messages, alarm, { ...alarm, NewStateValue: "OK" }].map((message) => {
      const rendered = render(classify(JSON.stringify(message)));
      return `${rendered.text.split(" ")[0]} ${rendered.attachments[0]?.color}`;
    });
    expect(new Set(looks).size).toBe(looks.length);
  });

  it("shows a failed Lambda's own error message, even from a truncated cause, and any other cause unchanged", () => {
    const failed = (cause: string) => textOf({ ...messages[0], cause, step: null, runId: null });
    expect(
      failed('{"errorType":"InvalidInput","errorMessage":"asOf \\"x\\" is no day","trace":["at core.ts'),
    ).toContain('asOf \\"x\\" is no day');
    expect(failed('{"other":1}')).toContain('\\"other\\": 1');
    expect(failed("just text")).toContain("just text");
    expect(failed("just text")).toContain("the run failed");
  });

  it("says so if the gate has no rules or no drifted features are named", () => {
    expect(textOf({ ...messages[1], verdict: [] })).toContain("The gate has no rules.");
    expect(textOf({ ...messages[5], drifted: [] })).toContain("Drift was detected.");
  });

  it("stays within Slack's limits for any input", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 9000 }), fc.json()),
        fc.option(fc.string({ maxLength: 300 })),
        (text, subject) => {
          const message = render(classify(text, subject));
          expect(message.text.length).toBeLessThanOrEqual(150);
          for (const block of message.attachments.flatMap(({ blocks }) => blocks)) {
            const { text: part, fields } = block as { text?: { text: string }; fields?: { text: string }[] };
            if (part) expect(part.text.length).toBeLessThanOrEqual(3000);
            expect((fields ?? []).length).toBeLessThanOrEqual(10);
          }
        },
      ),
    );
  });
});

describe("a muted pipeline", () => {
  const muted = (value: unknown, list = "shop") => isMuted(classify(JSON.stringify(value)), list, "dev");
  const names = pipelineNames({ environment: "dev", region: "us-east-1", accountId: "000000000000" }, "shop");
  const machineArn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
  const alarmOn = (name: string, value: string) => ({ ...alarm, Trigger: { Dimensions: [{ name, value }] } });

  it("is recognized by the pipeline named in a message", () => {
    expect(muted(messages[0], "other, shop")).toBe(true);
    expect(muted(messages[0], "shop-2")).toBe(false);
    expect(muted(messages[0], "")).toBe(false);
    expect(muted("text")).toBe(false);
  });

  it.each<[string, string, boolean]>([
    ["Pipeline", "shop", true],
    ["EndpointName", "daybreak-dev-shop", true],
    ["StateMachineArn", machineArn(names.runMachine), true],
    ["StateMachineArn", machineArn(names.serveMachine), true],
    ["StateMachineArn", machineArn(names.monitorMachine), true],
    ["Pipeline", "shop-churn", false],
    ["EndpointName", "daybreak-dev-shop-churn", false],
    ["EndpointName", "daybreak-prod-shop", false],
    ["QueueName", "daybreak-dev-dead-letters", false],
  ])("alarm on %s %s: %s", (name, value, expected) => {
    expect(muted(alarmOn(name, value))).toBe(expected);
  });

  it("is recognized by the name of an alarm on alarms", () => {
    expect(muted({ ...alarm, AlarmName: "daybreak-dev-shop-delivery-stopped", Trigger: undefined })).toBe(true);
    expect(muted({ ...alarm, AlarmName: "daybreak-dev-shop-endpoint-idle", Trigger: undefined })).toBe(true);
    expect(muted({ ...alarm, AlarmName: "daybreak-dev-shop-predictions-fail", Trigger: undefined })).toBe(true);
    expect(muted({ ...alarm, AlarmName: "daybreak-dev-shop-churn-delivery-stopped", Trigger: undefined })).toBe(false);
  });

  it("is not one whose name has another's machine's at its end", () => {
    const run = machineArn(names.runMachine);
    expect(muted(alarmOn("StateMachineArn", run), "shop-run")).toBe(false);
    expect(muted(alarmOn("EndpointName", "daybreak-dev-shop-run"), "shop")).toBe(false);
  });

  it("does not mute an alarm whose pipeline is unknown", () => {
    expect(muted({ AlarmName: "errors", NewStateValue: "OK" })).toBe(false);
  });
});
