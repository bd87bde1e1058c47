/** Starts a run in the caller's name. */
import { z } from "zod";
import type { RunInput } from "../../contracts/run-execution";
import { type Place, pipelineNames, stateMachineArn } from "../../infra/names";
import type { RunRequest } from "../../lambdas/run-start/core";
import { ServiceError } from "../../lambdas/shared/signed-call";
import { startExecution } from "./executions";
import { callUrl, findUrl, refusalOf } from "./function-url";
import { CommandProblem, nameOf } from "./problem";

/**
 * Starts the execution, or, where the caller may not, asks the Lambda `run-start` by its URL: where duties are separate, it starts
 * runs in the name of who calls.
 */
export async function startRun(place: Place, pipeline: string, name: string, input: RunInput): Promise<string> {
  const names = pipelineNames(place, pipeline);
  try {
    return await startExecution(stateMachineArn(place, names.runMachine), name, input);
  } catch (error) {
    if (nameOf(error) !== "AccessDeniedException") throw error;
    const url = await findUrl(names.runStart);
    if (url === undefined) throw error;
    const { trigger, ...run } = input;
    return askForRun(url, { ...run, name, reason: trigger.reason });
  }
}

const started = z.object({ executionArn: z.string() });

async function askForRun(url: URL, request: RunRequest): Promise<string> {
  try {
    return started.parse(await callUrl(url, request)).executionArn;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { message } = refusalOf(error);
    throw new CommandProblem(`The run was not started: ${message}`, "Who may start runs: docs/security.md.");
  }
}
