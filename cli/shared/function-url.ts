/** Calls a Lambda by its Function URL, in the name of who uses the command. */
import { GetFunctionUrlConfigCommand } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { call, type ServiceError } from "../../lambdas/shared/signed-call";
import { clients } from "./clients";
import { parseJson } from "./lake";
import { nameOf } from "./problem";

/** A cold start included. */
const usualTimeoutMs = 30_000;

/** @throws AWS's error if there is no such Lambda, or if the caller may not ask for its URL */
export async function urlOf(FunctionName: string): Promise<URL> {
  const { FunctionUrl = "" } = await clients.lambda().send(new GetFunctionUrlConfigCommand({ FunctionName }));
  return new URL(FunctionUrl);
}

/** The Lambda's URL; undefined if there is no such Lambda, or if the caller may not ask. */
export async function findUrl(functionName: string): Promise<URL | undefined> {
  try {
    return await urlOf(functionName);
  } catch (error) {
    if (/^(ResourceNotFoundException|AccessDeniedException)$/.test(nameOf(error))) return undefined;
    throw error;
  }
}

/** A Lambda's refusal, or Lambda's own of who may not call it, whose names differ. */
const refusal = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/** Why a request was refused, and the name of the Lambda's error. */
export function refusalOf(error: ServiceError): { name: string | undefined; message: string } {
  const { error: name, message, Message = error.message } = refusal.catch({}).parse(parseJson(error.body));
  return { name, message: message ?? Message };
}

/**
 * The answer to a request.
 *
 * @throws ServiceError with the answer's body unless its status says success
 */
export async function callUrl(url: URL, request: unknown, timeoutMs = usualTimeoutMs): Promise<unknown> {
  const { region, credentials } = clients.lambda().config;
  const address = reached(url);
  const { body } = await call(
    {
      ...{ service: "lambda", method: "POST", path: address.pathname, timeoutMs },
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    },
    { region, credentials, address },
  );
  return JSON.parse(body);
}

/** Where a Function URL answers; a local cloud has no DNS names, and takes the URL's ID in the path. */
function reached(url: URL): URL {
  const { AWS_ENDPOINT_URL } = process.env;
  return AWS_ENDPOINT_URL === undefined
    ? url
    : new URL(`/_aws/lambda-url/${url.hostname.split(".")[0]}/`, AWS_ENDPOINT_URL);
}
