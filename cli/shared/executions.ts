/** Starts and follows Step Functions executions. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  type ExecutionStatus,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { readableCause } from "../../lambdas/shared/cause";
import { clients } from "./clients";
import { CommandProblem } from "./problem";

const pollMilliseconds = 400;

/** The time that a workflow spent in a state. */
export interface StateTime {
  state: string;
  seconds: number;
}

/** An execution as Step Functions describes it. */
export interface Execution {
  arn: string;
  name: string;
  status: ExecutionStatus;
  input: unknown;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
  startedAt: Date;
  /** How long it took, or has been running. */
  seconds: number;
}

export interface FinishedExecution extends Execution {
  states: StateTime[];
}

export async function startExecution(stateMachineArn: string, name: string, input: unknown): Promise<string> {
  const { executionArn } = await clients
    .stepFunctions()
    .send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  if (executionArn === undefined) throw new CommandProblem(`Step Functions returned no ARN for the execution ${name}.`);
  return executionArn;
}

const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

export async function describeExecution(arn: string): Promise<Execution> {
  const found = await clients.stepFunctions().send(new DescribeExecutionCommand({ executionArn: arn }));
  const { name = "", startDate = new Date(), stopDate = new Date(), status = "RUNNING", error, cause } = found;
  return {
    ...{ arn, name, status, error, cause, startedAt: startDate },
    ...{ input: parsed(found.input), output: parsed(found.output) },
    seconds: (stopDate.getTime() - startDate.getTime()) / 1000,
  };
}

/** Follows an execution to its end and calls `onState` for each state entered. A failed execution is returned, not thrown. */
export async function followExecution(
  arn: string,
  onState: (state: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<FinishedExecution> {
  let shown = "";
  for (;;) {
    const execution = await describeExecution(arn);
    if (execution.status !== "RUNNING") return { ...execution, states: stateTimes(await history(arn)) };
    const state = await currentState(arn);
    if (state !== undefined && state !== shown) {
      shown = state;
      onState(state);
    }
    await sleep(pollMilliseconds, undefined, { signal });
  }
}

/** Returns the execution if it succeeded; otherwise throws an error with the workflow's cause. */
export function expectSucceeded(execution: FinishedExecution): FinishedExecution {
  if (execution.status === "SUCCEEDED") return execution;
  throw new CommandProblem(
    `The workflow ${execution.name} ended as ${execution.status}: ${execution.error ?? ""} ${readableCause(execution.cause)}`,
    `Execution: ${execution.arn}`,
  );
}

/** States that only report a failure. */
const failureStates = ["AlertFailure", "Failed"];

/** The state that a workflow is in, or the one that failed. */
export async function currentState(arn: string): Promise<string | undefined> {
  const { events = [] } = await clients
    .stepFunctions()
    .send(new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 30 }));
  const newestFirst = [...events].sort((left, right) => (right.id ?? 0) - (left.id ?? 0));
  const entered = newestFirst.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  return entered.find((state) => !failureStates.includes(state));
}

/** The ARNs of a state machine's newest executions, the newest first. */
export async function newestExecutions(stateMachineArn: string, most: number): Promise<string[]> {
  const { executions = [] } = await clients
    .stepFunctions()
    .send(new ListExecutionsCommand({ stateMachineArn, maxResults: most }));
  return executions.flatMap(({ executionArn }) => executionArn ?? []);
}

/** Everything that an execution did. */
async function history(arn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await clients
      .stepFunctions()
      .send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** The time spent in each state, until the next state is entered or the execution ends. */
export function stateTimes(events: readonly HistoryEvent[]): StateTime[] {
  const times: StateTime[] = [];
  let entered: { state: string; at: number } | undefined;
  const leave = (at: number) => {
    if (entered !== undefined) times.push({ state: entered.state, seconds: (at - entered.at) / 1000 });
  };
  for (const { stateEnteredEventDetails, timestamp, type } of events) {
    const at = timestamp?.getTime() ?? 0;
    if (stateEnteredEventDetails?.name !== undefined) {
      leave(at);
      entered = { state: stateEnteredEventDetails.name, at };
    } else if (type?.startsWith("Execution") === true && type !== "ExecutionStarted") {
      leave(at);
      entered = undefined;
    }
  }
  return times;
}

/** The names of a state machine's newest executions. */
export async function executionNames(stateMachineArn: string): Promise<Set<string>> {
  const { executions = [] } = await clients
    .stepFunctions()
    .send(new ListExecutionsCommand({ stateMachineArn, maxResults: 100 }));
  return new Set(executions.flatMap(({ name }) => name ?? []));
}

/** Waits for an execution whose name has this prefix; undefined if none starts in time. */
export async function findExecution(
  stateMachineArn: string,
  matches: (name: string) => boolean,
  timeoutMilliseconds: number,
): Promise<string | undefined> {
  const until = Date.now() + timeoutMilliseconds;
  do {
    const { executions = [] } = await clients
      .stepFunctions()
      .send(new ListExecutionsCommand({ stateMachineArn, maxResults: 100 }));
    const found = executions.find(({ name }) => name !== undefined && matches(name));
    if (found?.executionArn !== undefined) return found.executionArn;
    await sleep(pollMilliseconds);
  } while (Date.now() < until);
  return undefined;
}
