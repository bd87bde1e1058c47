/** Streams captures from S3 line by line, several objects at a time. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { ReadMark } from "../../contracts/drift-report";
import { listObjects, type StoredObject, storageClient } from "../shared/storage";
import { parseCaptureLine } from "./capture";
import { advance, type DriftCheck, isUnread } from "./core";

const objectsAtATime = 8;

export interface ReadCaptures {
  objects: number;
  readThrough: ReadMark | null;
}

/** Passes every unread capture below a prefix to the check. */
export async function readCaptures(
  location: { bucket: string; prefix: string },
  lastRead: ReadMark | null,
  check: DriftCheck,
): Promise<ReadCaptures> {
  let readThrough = lastRead;
  let objects = 0;
  const unread = unreadObjects(location, lastRead);
  const worker = async () => {
    for await (const object of unread) {
      await readObject(object, check);
      readThrough = advance(readThrough, object);
      objects += 1;
    }
  };
  await Promise.all(Array.from({ length: objectsAtATime }, worker));
  return { objects, readThrough };
}

async function* unreadObjects(location: { bucket: string; prefix: string }, lastRead: ReadMark | null) {
  for await (const object of listObjects(location.bucket, location.prefix)) {
    if (object.key.endsWith(".jsonl") && isUnread(object, lastRead)) yield object;
  }
}

async function readObject(object: StoredObject, check: DriftCheck): Promise<void> {
  const { Body } = await storageClient().send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key }));
  const lines = createInterface({ input: Body as Readable, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    if (line.trim() !== "") check.add(parseCaptureLine(line));
  }
}
