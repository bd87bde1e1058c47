/** Starts a run in the caller's name. */
import { GetFunctionUrlConfigCommand } from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { z } from "zod";
import type { RunInput } from "../../contracts/run-execution";
import { type Place, pipelineNames, stateMachineArn } from "../../infra/names";
import type { RunRequest } from "../../lambdas/run-start/core";
import { Sha256 } from "../../lambdas/shared/signed-call";
import { clients } from "./clients";
import { startExecution } from "./executions";
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
    const url = await urlOf(names.runStart);
    if (url === undefined) throw error;
    const { trigger, ...run } = input;
    return askForRun(url, { ...run, name, reason: trigger.reason });
  }
}

/** The Lambda's URL; undefined if there is no such Lambda, or if the caller may not ask. */
async function urlOf(FunctionName: string): Promise<URL | undefined> {
  try {
    const { FunctionUrl = "" } = await clients.lambda().send(new GetFunctionUrlConfigCommand({ FunctionName }));
    return new URL(FunctionUrl);
  } catch (error) {
    if (/^(ResourceNotFoundException|AccessDeniedException)$/.test(nameOf(error))) return undefined;
    throw error;
  }
}

/** The Lambda's answer, or Lambda's own to who may not call it. */
const answer = z.object({
  executionArn: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

async function askForRun(url: URL, request: RunRequest): Promise<string> {
  const { config } = clients.lambda();
  const signer = new SignatureV4({
    ...{ service: "lambda", sha256: Sha256 },
    ...{ region: config.region, credentials: config.credentials },
  });
  const at = reached(url);
  const body = JSON.stringify(request);
  const { headers } = await signer.sign({
    ...{ method: "POST", protocol: at.protocol, hostname: at.hostname, path: at.pathname, query: {}, body },
    headers: { host: at.host, "content-type": "application/json" },
  });
  const response = await fetch(at, { method: "POST", headers, body });
  const { executionArn, message, Message = `status ${response.status}` } = answer.parse(await response.json());
  if (executionArn !== undefined) return executionArn;
  throw new CommandProblem(`The run was not started: ${message ?? Message}`, "Who may start runs: docs/security.md.");
}

/** Where a Function URL answers; a local cloud has no DNS names, and takes the URL's ID in the path. */
function reached(url: URL): URL {
  const { AWS_ENDPOINT_URL } = process.env;
  return AWS_ENDPOINT_URL === undefined
    ? url
    : new URL(`/_aws/lambda-url/${url.hostname.split(".")[0]}/`, AWS_ENDPOINT_URL);
}
