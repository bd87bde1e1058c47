/**
 * One signed call to an AWS REST API or a Lambda's URL, with a timeout and retries. The prediction Lambda uses this instead of the
 * SDK's clients, which would make its bundle five times as large and slow down every cold start.
 */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SignatureV4, type SignatureV4Init } from "@smithy/signature-v4";
import { InvalidConfiguration, ServiceFailure } from "./errors";

export interface Call {
  /** The service's signing name, such as `sagemaker`. */
  service: string;
  method: "GET" | "POST";
  /** The path, with its segments already encoded. */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
}

/** Who calls, and what is called. */
export interface Caller extends Pick<SignatureV4Init, "region" | "credentials"> {
  /** The address of the service; the path of a call replaces its own. */
  address: string | URL;
}

export interface Answer {
  body: string;
  headers: Headers;
}

/** An error response of the service, with AWS's error name. */
export class ServiceError extends ServiceFailure {
  override readonly name: string;

  constructor(
    name: string,
    message: string,
    status: number,
    /** The response's body. */
    readonly body: string,
  ) {
    super(message, status);
    this.name = name;
  }
}

const attempts = 3;
const firstPauseMs = 50;

/** Makes the call; retries on throttling, server errors and broken connections. */
export async function call(request: Call, caller: Caller): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await callOnce(request, caller);
    } catch (error) {
      if (attempt === attempts || !mayHelp(error)) throw error;
      // Full jitter, so that callers that failed together do not retry together.
      await sleep(Math.random() * firstPauseMs * 2 ** attempt);
    }
  }
}

/** Encodes as in RFC 3986, which escapes more characters than encodeURIComponent. */
export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function mayHelp(error: unknown): boolean {
  return !(error instanceof ServiceError) || error.status === 429 || error.status >= 500;
}

async function callOnce(request: Call, { address, region, credentials }: Caller): Promise<Answer> {
  const { method, path, query = {}, body = "" } = request;
  const url = new URL(address);
  url.pathname = path;
  url.search = Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const signer = new SignatureV4({ service: request.service, region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    ...{ method, protocol: url.protocol, hostname: url.hostname, path, query, body },
    headers: { ...request.headers, host: url.host },
  });
  const { host: _setByFetch, ...sent } = headers;
  const response = await fetch(url, {
    method,
    headers: sent,
    signal: AbortSignal.timeout(request.timeoutMs ?? 10_000),
    ...(method === "POST" && { body }),
  });
  const text = await response.text();
  if (response.ok) return { body: text, headers: response.headers };
  throw serviceError(response, text, request);
}

/** Node's SHA-256 with the signer's interface. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  /** The signer creates a new hash for each text. */
  reset(): void {}
}

function bytesOf(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === "string") return secret;
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}

/**
 * A Lambda as the caller of a service.
 *
 * @param host the first part of the service's host name on AWS, such as `runtime.sagemaker`
 */
export function asLambda(host: string, environment: NodeJS.ProcessEnv = process.env): Caller {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL } = environment;
  if (!AWS_REGION || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new InvalidConfiguration(
      "AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set, as Lambda does",
    );
  }
  const credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
  return {
    region: AWS_REGION,
    credentials,
    address: AWS_ENDPOINT_URL ?? `https://${host}.${AWS_REGION}.amazonaws.com`,
  };
}

function serviceError(response: Response, text: string, request: Call): ServiceError {
  let details: { __type?: string; code?: string; message?: string; Message?: string } = {};
  try {
    details = JSON.parse(text) as typeof details;
  } catch {
    // A proxy's page rather than the service's answer: shown as it is.
  }
  const named = response.headers.get("x-amzn-errortype") ?? details.__type ?? details.code ?? `Http${response.status}`;
  const name = named.split(":")[0]?.split("#").pop() ?? named;
  const message = details.message ?? details.Message ?? text.slice(0, 300);
  return new ServiceError(
    name,
    `${request.method} ${request.path} returned ${response.status} ${name}: ${message}`,
    response.status,
    text,
  );
}
