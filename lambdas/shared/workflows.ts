/** Starting and looking up workflow executions. */
import { type ExecutionListItem, ListExecutionsCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { errorName } from "./errors";
import { once } from "./once";

export const workflowClient = once(() => new SFNClient({}));

export interface StartedExecution {
  executionArn: string;
  /** False when an execution of this name was there already: someone else's event did the same work. */
  started: boolean;
}

/** Starts an execution once: the second start of the same name is a success that changes nothing. */
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

/** Executions of a machine, newest first. */
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

/** The ARN that an execution of this name has. */
export function executionArnOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
}
