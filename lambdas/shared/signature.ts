/**
 * AWS Signature Version 4 for one request, as the documentation describes it ("Create a signed AWS API request").
 * The prediction path signs its two calls itself: the SDK's clients would make its bundle fifteen times as large,
 * and every cold start would pay for that.
 */
import { createHash, createHmac } from "node:crypto";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface SignableRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string;
}

export interface SigningScope {
  /** The service's signing name, such as `sagemaker`. */
  service: string;
  region: string;
  credentials: Credentials;
  at: Date;
}

const algorithm = "AWS4-HMAC-SHA256";

/** The headers that the request must be sent with, its signature among them. */
export function sign(request: SignableRequest, scope: SigningScope): Record<string, string> {
  const time = scope.at.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const { sessionToken } = scope.credentials;
  const headers: Record<string, string> = {
    ...lowerCaseNames(request.headers),
    host: request.url.host,
    "x-amz-date": time,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signedNames = names.join(";");
  const canonical = [
    request.method,
    canonicalPath(request.url),
    canonicalQuery(request.url),
    ...names.map((name) => `${name}:${headers[name]?.trim().replaceAll(/\s+/g, " ")}`),
    "",
    signedNames,
    hash(request.body),
  ].join("\n");
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = [algorithm, time, credentialScope, hash(canonical)].join("\n");
  const key = [day, scope.region, scope.service, "aws4_request"].reduce<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${scope.credentials.secretAccessKey}`,
  );
  const signature = hmac(key, toSign).toString("hex");
  const credential = `${scope.credentials.accessKeyId}/${credentialScope}`;
  return {
    ...headers,
    authorization: `${algorithm} Credential=${credential}, SignedHeaders=${signedNames}, Signature=${signature}`,
  };
}

function lowerCaseNames(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Every service but S3 signs the path encoded twice. */
function canonicalPath(url: URL): string {
  return url.pathname.split("/").map(encode).join("/");
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

/** RFC 3986, which leaves fewer letters alone than encodeURIComponent does. */
export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
