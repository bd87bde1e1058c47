/**
 * A small Step Functions interpreter: supports the ASL features that our workflows use and evaluates JSONata with the
 * reference implementation, which Step Functions uses too. The test provides the responses of the services.
 */
import { createRequire } from "node:module";
import { definition } from "../../../infra/workflows/definition";
import type { Workflow } from "../../../infra/workflows/states";

interface Expression {
  evaluate(input: unknown, bindings: Record<string, unknown>): Promise<unknown>;
}

// The jsonata package is a dependency of asl-validator.
const jsonata = createRequire(require.resolve("asl-validator"))("jsonata") as (text: string) => Expression;

/** An error response of a service. */
export class ServiceError extends Error {
  constructor(
    readonly code: string,
    readonly reason: string,
  ) {
    super(`${code}: ${reason}`);
  }
}

/** A call of a task state. */
export interface Call {
  state: string;
  resource: string;
  arguments: Record<string, unknown>;
}

export interface Outcome {
  /** The states in the order in which they were entered. */
  path: string[];
  calls: Call[];
  output?: unknown;
  failure?: { error: unknown; cause: unknown };
}

interface AslState {
  Type: string;
  Resource: string;
  Arguments?: unknown;
  Assign?: Record<string, unknown>;
  Output?: unknown;
  Choices?: { Condition: string; Next: string }[];
  Default: string;
  Retry?: { ErrorEquals: string[]; MaxAttempts: number }[];
  Catch?: { ErrorEquals: string[]; Assign?: Record<string, unknown>; Next: string }[];
  Next: string;
  Error?: unknown;
  Cause?: unknown;
}

const limit = 200;

/** Services that know of no other execution than the one that runs. */
export function alone(answer: (call: Call) => unknown): (call: Call) => unknown {
  const own = { ExecutionArn: execution.Id, Name: execution.Name, StartDate: execution.StartTime };
  return (call) => (call.state === "FindTurn" ? { Executions: [own] } : answer(call));
}

export const execution = {
  Id: "arn:aws:states:us-east-1:1:execution:m:e",
  Name: "e",
  StartTime: "2026-01-02T03:04:05.678Z",
};

/** Runs a workflow until it succeeds or fails. It waits for nothing: retries and waits take no time. */
export async function runWorkflow(
  workflow: Workflow,
  input: unknown,
  answer: (call: Call) => unknown,
): Promise<Outcome> {
  const machine = JSON.parse(JSON.stringify(definition(workflow))) as {
    StartAt: string;
    States: Record<string, AslState>;
  };
  const variables: Record<string, unknown> = {};
  const outcome: Outcome = { path: [], calls: [] };

  const evaluate = async (value: unknown, states: Record<string, unknown>): Promise<unknown> => {
    if (typeof value === "string" && value.startsWith("{%")) {
      const known = { ...variables, states: { context: { Execution: execution }, ...states } };
      const result = await jsonata(value.slice(2, -2)).evaluate(undefined, known);
      if (result === undefined) throw new ServiceError("States.QueryEvaluationError", value);
      return JSON.parse(JSON.stringify(result));
    }
    if (Array.isArray(value)) return Promise.all(value.map((item) => evaluate(item, states)));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(async ([key, item]) => [key, await evaluate(item, states)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  const assign = async (assignments: unknown, states: Record<string, unknown>) =>
    Object.assign(variables, await evaluate(assignments ?? {}, states));

  let current = input;
  let name = machine.StartAt;
  let attempts = new Map<object, number>();
  while (outcome.path.push(name) <= limit) {
    const state: AslState | undefined = machine.States[name];
    if (state === undefined) throw new Error(`There is no state ${name}`);
    const states = { input: current };
    if (state.Type === "Succeed") return { ...outcome, output: await evaluate(state.Output ?? current, states) };
    if (state.Type === "Fail") {
      const [error, cause] = [await evaluate(state.Error, states), await evaluate(state.Cause, states)];
      return { ...outcome, failure: { error, cause } };
    }
    if (state.Type === "Choice") {
      let next = state.Default;
      for (const choice of state.Choices ?? []) {
        if ((await evaluate(choice.Condition, states)) === true) {
          next = choice.Next;
          break;
        }
      }
      name = next;
      continue;
    }
    try {
      let result: unknown;
      if (state.Type === "Task") {
        const given = (await evaluate(state.Arguments, states)) as Record<string, unknown>;
        const call = { state: name, resource: state.Resource, arguments: given };
        outcome.calls.push(call);
        result = answer(call);
      }
      await assign(state.Assign, { ...states, result });
      if (state.Type === "Task") current = await evaluate(state.Output ?? result, { ...states, result });
      name = state.Next;
      attempts = new Map();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const retrier = state.Retry?.find(({ ErrorEquals }) => ErrorEquals.includes(error.code));
      const retried = retrier === undefined ? 0 : (attempts.get(retrier) ?? 0);
      if (retrier !== undefined && retried < retrier.MaxAttempts) {
        attempts.set(retrier, retried + 1);
        outcome.path.pop();
        continue;
      }
      attempts = new Map();
      const handler = state.Catch?.find(({ ErrorEquals }) =>
        ErrorEquals.some((one) => one === "States.ALL" || one === error.code),
      );
      const errorOutput = { Error: error.code, Cause: error.reason };
      if (handler === undefined) return { ...outcome, failure: { error: error.code, cause: error.reason } };
      await assign(handler.Assign, { ...states, errorOutput });
      current = errorOutput;
      name = handler.Next;
    }
  }
  throw new Error(`No end after ${limit} states: ${outcome.path.slice(-6).join(" → ")}`);
}
