/** Every command in an alert works when pasted: the real command line accepts what the Slack message shows. */
import { describe, expect, test } from "@jest/globals";
import { alertMessage } from "../../../contracts/alert-message";
import { classify } from "../../../lambdas/alert-slack/classify";
import { render } from "../../../lambdas/alert-slack/core";
import { commandLines, refusalOf } from "./command-lines";

const about = { environment: "prod", pipeline: "shop" };
const executionArn = "arn:aws:states:eu-west-1:123456789012:execution:daybreak-prod-shop-run:train-2026-03-10-abc";
const run = { ...about, runId: "train-2026-03-10-abc", asOf: "2026-03-10", verdict: [], warnings: [], executionArn };
const modelPackageArn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/daybreak-prod-shop/4";
const version = { ...about, version: 4, modelPackageArn, executionArn };
const halted = "DatasetRuleBroken: nothing was published, 1 dataset rule(s) broken";
const failed = { kind: "workflow-failed", ...about, workflow: "run", error: "States.TaskFailed", executionArn };

const alerts: [string, unknown, string[][]][] = [
  [
    "a halted run",
    { ...failed, cause: halted, runId: run.runId },
    [
      ["show", executionArn],
      ["release", "shop", run.runId, "--reason", "…"],
    ],
  ],
  ["a failed deployment", { ...failed, workflow: "serve", cause: "no capacity" }, [["show", executionArn]]],
  ["a refused model", { kind: "model-refused", ...run }, [["show", executionArn]]],
  [
    "a model that awaits approval",
    { kind: "model-registered", ...run, ...version, evidence: [], approval: "manual" },
    [
      ["show", executionArn],
      ["approve", "shop", "4", "--reason", "…"],
      ["reject", "shop", "4", "--reason", "…"],
    ],
  ],
  [
    "a model approved by rule",
    { kind: "model-registered", ...run, ...version, evidence: [], approval: "automatic" },
    [["show", executionArn]],
  ],
  [
    "a promoted version",
    { kind: "model-promoted", ...version, from: "v3 in staging", promotedBy: "carol", description: "d", warnings: [] },
    [
      ["approve", "shop", "4", "--reason", "…"],
      ["reject", "shop", "4", "--reason", "…"],
    ],
  ],
  ["a deployment", { kind: "model-deployed", ...version, endpointName: "e" }, [["show", executionArn]]],
  [
    "a rollback",
    { kind: "deployment-rolled-back", ...version, endpointName: "e", reason: "an alarm" },
    [
      ["show", executionArn],
      ["deploy", "shop", "4", "--reason", "…"],
    ],
  ],
  [
    "a retraining",
    {
      kind: "retraining-started",
      ...about,
      alarmName: "a",
      asOf: run.asOf,
      version: 3,
      rows: 9,
      ...{ cause: "quality", drifted: [], shortfall: { days: [run.asOf], rows: 9, metrics: [] } },
      executionArn,
    },
    [["show", executionArn, "--follow"]],
  ],
  [
    "a training that was skipped",
    { kind: "training-skipped", ...run, outcome: "unchanged", reason: "the training set equals the last one's" },
    [["show", executionArn]],
  ],
  [
    "a postponed retraining",
    {
      ...{ kind: "retraining-postponed", ...about, alarmName: "a", asOf: run.asOf, version: 3 },
      ...{ onset: "2026-03-09", due: "2026-04-06", ...{ cause: "drift", drifted: [], shortfall: null } },
    },
    [["runs", "shop"]],
  ],
  [
    "a suppressed retraining",
    { kind: "retraining-suppressed", ...about, alarmName: "a", cause: "drift", reason: "cooldown" },
    [["runs", "shop"]],
  ],
];

/** The command lines of a rendered alert, as a person would copy them. */
function commandsIn(alert: unknown, isLocal: boolean): string[][] {
  const message = render(classify(JSON.stringify(alertMessage.parse(alert))), isLocal);
  const texts: string[] = [];
  JSON.stringify(message, (key, value) => {
    if (key === "text" && typeof value === "string") texts.push(value);
    return value;
  });
  return texts.flatMap(commandLines);
}

describe("an alert's commands are accepted by the command line", () => {
  test.each(alerts)("%s", async (_, alert, expected) => {
    // On AWS they name the environment, which also chooses AWS where a local cloud is running.
    expect(commandsIn(alert, false)).toEqual(expected.map((words) => [...words, "--environment", "prod"]));
    expect(commandsIn(alert, true)).toEqual(expected);
    for (const words of [...commandsIn(alert, false), ...commandsIn(alert, true)]) {
      expect({ words, refusal: await refusalOf(words) }).toEqual({ words, refusal: undefined });
    }
  });

  test("every kind of alert is among these", () => {
    const kinds = alerts.map(([, alert]) => alertMessage.parse(alert).kind);
    expect(new Set(kinds)).toEqual(
      new Set(alertMessage.def.options.map((option) => option.def.shape.kind.def.values[0])),
    );
  });
});
