import { describe, expect, it } from "@jest/globals";
import { alertMessage } from "../../contracts/alert-message";
import type { MonitorPlan } from "../../contracts/monitor-plan";
import { monitorPlan } from "../../contracts/monitor-plan";
import { monitorWorkflow } from "../../infra/stages/monitor/workflow";
import { alone, type Call, runWorkflow, ServiceError } from "./support/run-workflow";

const audience = { environment: "dev", pipeline: "shop", topic: { arn: "topic-arn", keyArn: "messages-key" } };
const workflow = monitorWorkflow({
  audience,
  driftArn: "drift-arn",
  planArn: "plan-arn",
  checksJob: { name: "checks", arn: "checks-arn", timeoutMinutes: 60 },
  turn: { machineArn: "monitor-machine-arn", pollSeconds: 30 },
});

const nothing: MonitorPlan = { version: 3, serving: null, quality: null };
const something: MonitorPlan = {
  version: 3,
  serving: null,
  quality: {
    as_of: "2026-02-01",
    since: "2025-12-21",
    days: [{ as_of: "2026-01-01", run_id: "r", version: 3, evaluation_uri: "s3://lake/e.json", judged: false }],
  },
};

const services = (plan: MonitorPlan, failing?: string) =>
  alone(({ state }: Call): unknown => {
    if (state === failing) throw new ServiceError("TypeError", "no baseline");
    if (state === "MonitorDrift") return { Payload: { status: "stable", version: 3 } };
    return state === "MonitorPlan" ? { Payload: plan } : {};
  });

const argumentsOf = (calls: readonly Call[], state: string) => calls.find((call) => call.state === state)?.arguments;

describe("the monitor workflow", () => {
  it("starts no job if no check has anything new, and outputs the result of the drift check", async () => {
    const { output, calls, path } = await runWorkflow(workflow, { asOf: "2026-01-01" }, services(nothing));
    expect(output).toEqual({ status: "stable", version: 3 });
    expect(path).toEqual(["FindTurn", "TurnCome", "MonitorDrift", "MonitorPlan", "MonitorWanted", "MonitorFinished"]);
    expect(argumentsOf(calls, "MonitorDrift")).toMatchObject({
      FunctionName: "drift-arn",
      Payload: { input: { asOf: "2026-01-01" } },
    });
    expect(argumentsOf(calls, "MonitorPlan")).toMatchObject({
      FunctionName: "plan-arn",
      Payload: { input: { asOf: "2026-01-01" }, version: 3 },
    });
  });

  it("hands the plan to the job if requests were captured", async () => {
    const captures = { endpoint: "shop", variant: "live", captures_uri: "s3://lake/captures/shop/shop/live" };
    const { calls } = await runWorkflow(workflow, {}, services({ ...nothing, serving: captures }));
    const given = argumentsOf(calls, "MonitorChecks") as { Arguments: Record<string, string> };
    expect(monitorPlan.parse(JSON.parse(given.Arguments["--checks"] ?? ""))).toMatchObject({ serving: captures });
  });

  it("hands the plan to the job if labels have become known", async () => {
    const { output, calls } = await runWorkflow(workflow, {}, services(something));
    expect(output).toEqual({ status: "stable", version: 3 });
    const given = argumentsOf(calls, "MonitorChecks") as { JobName: string; Arguments: Record<string, string> };
    expect(given.JobName).toBe("checks");
    expect(monitorPlan.parse(JSON.parse(given.Arguments["--checks"] ?? ""))).toEqual(something);
  });

  it.each(["MonitorDrift", "MonitorPlan", "MonitorChecks"])(
    "publishes an alert and fails if %s fails",
    async (state) => {
      const { failure, calls } = await runWorkflow(workflow, {}, services(something, state));
      expect(failure).toEqual({ error: "TypeError", cause: "no baseline" });
      const message: unknown = JSON.parse(String(argumentsOf(calls, "AlertFailure")?.Message));
      expect(alertMessage.parse(message)).toMatchObject({ workflow: "monitor", step: state });
    },
  );
});
