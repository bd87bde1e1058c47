/** Executions take turns: one that waits sees which ones are before it, and gives up after the time that one may take. */
import { createRequire } from "node:module";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { failureHandler } from "../../infra/workflows/alerts";
import { checkWorkflow } from "../../infra/workflows/check";
import { definition } from "../../infra/workflows/definition";
import { pause, type State } from "../../infra/workflows/states";
import { invoke } from "../../infra/workflows/tasks";
import { inTurn } from "../../infra/workflows/turns";
import { type Call, execution, runWorkflow } from "./support/run-workflow";

const audience = { environment: "dev", pipeline: "shop", topic: { arn: "topic-arn", keyArn: "messages-key" } };
const workflow = inTurn(
  {
    comment: "one task",
    startAt: "Work",
    onError: "AlertFailure",
    states: {
      Work: invoke("work-arn", { input: "{% $states.input %}" }, { next: "Done" }),
      Done: { type: "succeed", output: "{% $states.input %}" },
      ...failureHandler(audience, "run"),
    },
  },
  { machineArn: "machine-arn", pollSeconds: 30 },
);
const own = { ExecutionArn: execution.Id, Name: execution.Name, StartDate: execution.StartTime };
const other = (name: string, StartDate: string) => ({ ...{ Name: name, StartDate }, ExecutionArn: `arn:${name}` });
const dawn = other("dawn", "2026-01-02T03:00:00.000Z");
const later = other("later", "2026-01-02T03:10:00.000Z");

/** The states that an execution enters, with these listings of the running executions one after another. */
async function run(...listings: object[][]) {
  const left = [...listings];
  return runWorkflow(workflow, { mode: "train" }, ({ state }: Call) =>
    state === "FindTurn" ? { Executions: left.length > 1 ? left.shift() : left[0] } : { Payload: "done" },
  );
}

/** Only the date is not the real one: JSONata is asynchronous. */
const setNow = (now: number) =>
  jest.useFakeTimers({ now, doNotFake: ["nextTick", "queueMicrotask", "setImmediate", "setInterval", "setTimeout"] });

afterEach(() => {
  jest.useRealTimers();
});

describe("an execution", () => {
  it("begins at once if it is the oldest, with its own input", async () => {
    const { path, calls } = await run([later, own]);
    expect(path).toEqual(["FindTurn", "TurnCome", "Work", "Done"]);
    expect(calls[0]).toMatchObject({
      resource: "arn:aws:states:::aws-sdk:sfn:listExecutions",
      arguments: { StateMachineArn: "machine-arn", StatusFilter: "RUNNING" },
    });
    expect(calls[1]?.arguments).toMatchObject({ Payload: { input: { mode: "train" } } });
  });

  it("waits while an older one runs, and until it is listed itself", async () => {
    setNow(Date.parse(execution.StartTime) + 60_000);
    const { path } = await run([later], [own, dawn], [own, dawn], [own]);
    const rounds = ["FindTurn", "TurnCome", "WaitForTurn"];
    expect(path).toEqual([...rounds, ...rounds, ...rounds, "FindTurn", "TurnCome", "Work", "Done"]);
  });

  it("comes after one of the same millisecond whose ARN sorts before its own", async () => {
    setNow(Date.parse(execution.StartTime) + 60_000);
    const twin = { ...other("a", execution.StartTime), ExecutionArn: "arn:aws:states:us-east-1:1:execution:m:a" };
    const { path } = await run([own, twin], [own]);
    expect(path).toContain("WaitForTurn");
    expect((await run([own, { ...twin, ExecutionArn: `${execution.Id}1` }])).path).not.toContain("WaitForTurn");
  });

  it("gives up after the time that the one before it may take, and says for which it waited", async () => {
    const { path, failure } = await run([own, dawn, other("stuck", "2026-01-01T00:00:00.000Z")]);
    expect(path).toEqual(["FindTurn", "TurnCome", "TurnMissed", "AlertFailure", "Failed"]);
    expect(failure).toEqual({
      error: "TurnMissed",
      cause: expect.stringMatching(/^This execution waited [\d.e+]+ hours for dawn, stuck, which started before it/),
    });
  });

  it("needs only the right to list its own state machine's executions", () => {
    const { FindTurn } = workflow.states;
    expect(FindTurn).toMatchObject({ grants: [{ actions: ["states:ListExecutions"], resources: ["machine-arn"] }] });
  });
});

describe("polling", () => {
  const jsonata = createRequire(require.resolve("asl-validator"))("jsonata") as (text: string) => {
    evaluate(input: unknown, bindings: Record<string, unknown>): Promise<number>;
  };

  it.each([1, 30, 300])(
    "every %i s at first stays below the history's 25,000 events in eight days",
    async (seconds) => {
      const { Seconds } = (
        definition({ ...workflow, states: { P: pause(seconds, "P") } }).States as { P: { Seconds: string } }
      ).P;
      const wait = jsonata(Seconds.slice(2, -2));
      const states = { context: { Execution: { StartTime: new Date(0).toISOString() } } };
      let now = 0;
      let rounds = 0;
      setNow(now);
      for (; now < 8 * 24 * 3600 * 1000; rounds += 1) {
        const pauseSeconds = await wait.evaluate(undefined, { states });
        expect(pauseSeconds).toBeGreaterThanOrEqual(seconds);
        now += pauseSeconds * 1000;
        jest.setSystemTime(now);
      }
      expect(rounds).toBeGreaterThan(100);
      // A wait, a choice and a task that is retried once.
      expect(rounds * 12).toBeLessThan(20_000);
    },
  );

  it("in equal intervals is refused", () => {
    const loop: Record<string, State> = {
      First: invoke("f", {}, { next: "Wait" }),
      Wait: { type: "wait", seconds: 1, next: "Ask" },
      Ask: { type: "choice", rules: [{ when: "true", next: "Wait" }], otherwise: "Failed" },
      ...failureHandler(audience, "run"),
    };
    const made = { comment: "", startAt: "First", onError: "AlertFailure", timeoutSeconds: 60, states: loop };
    expect(() => checkWorkflow("test", made)).toThrow('state "Wait" waits equally long in every round; use pause()');
  });
});
