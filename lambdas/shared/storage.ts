/** JSON objects in S3. */
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type * as z from "zod/mini";
import { errorMessage, errorName, MissingReport } from "./errors";
import { once } from "./once";
import { parseAs } from "./parse";

/** Path-style addresses for a local endpoint, because `bucket.127.0.0.1` is not a valid host. */
export const storageClient = once((): S3Client => {
  const options: S3ClientConfig = process.env.AWS_ENDPOINT_URL === undefined ? {} : { forcePathStyle: true };
  return new S3Client(options);
});

export interface ObjectAddress {
  bucket: string;
  key: string;
}

export interface StoredObject extends ObjectAddress {
  modifiedAt: Date;
  bytes: number;
}

/** Splits `s3://bucket/key`. */
export function parseUri(uri: string): ObjectAddress {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new MissingReport(`expected an address such as s3://bucket/key, got ${JSON.stringify(uri)}`);
  }
  return { bucket: match[1], key: match[2] };
}

/** Reads a JSON object, or undefined if it does not exist. */
export async function readJson<Schema extends z.core.$ZodType>(
  uri: string,
  schema: Schema,
): Promise<z.core.output<Schema> | undefined> {
  const { bucket, key } = parseUri(uri);
  let body: string | undefined;
  try {
    const response = await storageClient().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    body = await response.Body?.transformToString();
  } catch (error) {
    if (await isMissing(error, bucket, key)) return undefined;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(body ?? "");
  } catch (error) {
    throw new MissingReport(`${uri} is not JSON: ${errorMessage(error)}`);
  }
  return parseAs(schema, value, uri, MissingReport);
}

/**
 * Whether an error of GetObject means that the object does not exist. For a role that may list only a prefix, S3 answers
 * "forbidden" for a missing key, because the read has no prefix. Listing the key shows whether it exists.
 */
async function isMissing(error: unknown, bucket: string, key: string): Promise<boolean> {
  if (errorName(error) === "NoSuchKey") return true;
  if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 403) return false;
  try {
    const listed = await storageClient().send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
    return !listed.Contents?.some((object) => object.Key === key);
  } catch {
    // The role may not list either, so the first error is reported.
    return false;
  }
}

/** Reads a JSON object of an earlier step. */
export async function readRequiredJson<Schema extends z.core.$ZodType>(
  uri: string,
  schema: Schema,
  writtenBy: string,
): Promise<z.core.output<Schema>> {
  const value = await readJson(uri, schema);
  if (value === undefined) throw new MissingReport(`${uri} is missing; ${writtenBy} should have written it`);
  return value;
}

/** Writes a JSON object. */
export async function writeJson(uri: string, value: unknown): Promise<void> {
  const { bucket, key } = parseUri(uri);
  const body = `${JSON.stringify(value, null, 2)}\n`;
  await storageClient().send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }),
  );
}

/** Every object below a prefix whose key sorts after `startAfter`, page by page, in order of key. */
export async function* listObjects(bucket: string, prefix: string, startAfter = ""): AsyncGenerator<StoredObject> {
  let token: string | undefined;
  do {
    const page = await storageClient().send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token ? { ContinuationToken: token } : startAfter && { StartAfter: startAfter }),
      }),
    );
    for (const item of page.Contents ?? []) {
      if (item.Key !== undefined && item.LastModified !== undefined) {
        yield { bucket, key: item.Key, modifiedAt: item.LastModified, bytes: item.Size ?? 0 };
      }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}
