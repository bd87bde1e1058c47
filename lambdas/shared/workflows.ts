/** Starts and looks up workflow executions. */
import { type ExecutionListItem, ListExecutionsCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { errorName } from "./errors";
import { once } from "./once";

export const workflowClient = once(() => new SFNClient({}));

export interface StartedExecution {
  executionArn: string;
  /** False if an execution of this name already existed, started by another event. */
  started: boolean;
}

/** Starts an execution once: a second start with the same name succeeds and changes nothing. */
export async function startOnce(stateMachineArn: string, name: string, input: unknown): Promise<StartedExecution> {
  try {
    const response = await workflowClient().send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    return { executionArn: response.executionArn ?? "", started: true };
  } catch (error) {
    if (errorName(error) !== "ExecutionAlreadyExists") throw error;
    return { executionArn: executionArnOf(stateMachineArn, name), started: false };
  }
}

/** The executions of a state machine, newest first. */
export async function* listExecutions(stateMachineArn: string): AsyncGenerator<ExecutionListItem> {
  let nextToken: string | undefined;
  do {
    const page = await workflowClient().send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: 100, ...(nextToken && { nextToken }) }),
    );
    yield* page.executions ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/** The ARN of the execution with this name. */
export function executionArnOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
}
