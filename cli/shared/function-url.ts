/** Calls a Lambda by its Function URL, in the name of who uses the command. */
import { GetFunctionUrlConfigCommand } from "@aws-sdk/client-lambda";
import { call } from "../../lambdas/shared/signed-call";
import { clients } from "./clients";

/** A cold start included. */
const timeoutMs = 30_000;

/** @throws AWS's error if there is no such Lambda, or if the caller may not ask for its URL */
export async function urlOf(FunctionName: string): Promise<URL> {
  const { FunctionUrl = "" } = await clients.lambda().send(new GetFunctionUrlConfigCommand({ FunctionName }));
  return new URL(FunctionUrl);
}

/**
 * The answer to a request.
 *
 * @throws ServiceError with the answer's body unless its status says success
 */
export async function callUrl(url: URL, request: unknown): Promise<unknown> {
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
