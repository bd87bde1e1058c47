/** Reads the lake as a person with rights to it would: step reports, and what has landed. */
import { gunzipSync } from "node:zlib";
import { GetTableCommand } from "@aws-sdk/client-glue";
import { GetObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { z } from "zod";
import { clients } from "./clients";
import { nameOf } from "./problem";

export async function readObject(bucket: string, key: string): Promise<Buffer | undefined> {
  try {
    const { Body } = await clients.s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  } catch (error) {
    if (nameOf(error) === "NoSuchKey" || nameOf(error) === "NotFound") return undefined;
    throw error;
  }
}

/** A JSON object of the lake; undefined when there is none. */
export async function readJson<Value>(
  bucket: string,
  key: string,
  schema: z.ZodType<Value>,
): Promise<Value | undefined> {
  const body = await readObject(bucket, key);
  if (body === undefined) return undefined;
  const parsed = schema.safeParse(JSON.parse(body.toString()));
  if (parsed.success) return parsed.data;
  throw new Error(`s3://${bucket}/${key} is not as expected: ${z.prettifyError(parsed.error)}`);
}

export async function listKeys(bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: clients.s3() }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
  }
  return keys;
}

function linesOf(key: string, body: Buffer): number {
  const text = key.endsWith(".gz") || (body[0] === 0x1f && body[1] === 0x8b) ? gunzipSync(body) : body;
  let lines = 0;
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) lines += 1;
  return lines + (text.length > 0 && text[text.length - 1] !== 10 ? 1 : 0);
}

/** Counts the events in a folder of the lake; a file that was counted once is not read again. */
export class LandedCounter {
  readonly #counted = new Map<string, number>();

  constructor(
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  get files(): number {
    return this.#counted.size;
  }

  async count(): Promise<number> {
    for (const key of await listKeys(this.bucket, this.prefix)) {
      if (this.#counted.has(key)) continue;
      this.#counted.set(key, linesOf(key, (await readObject(this.bucket, key)) ?? Buffer.alloc(0)));
    }
    return [...this.#counted.values()].reduce((sum, lines) => sum + lines, 0);
  }
}

const tableMetadata = z.object({
  "current-snapshot-id": z.union([z.number(), z.string()]).nullish(),
  "last-sequence-number": z.number().optional(),
  snapshots: z
    .array(z.object({ "sequence-number": z.number().optional(), summary: z.record(z.string(), z.string()).optional() }))
    .optional(),
});

/** The rows of an Iceberg table as its newest snapshot counts them; 0 when there is no table or nothing in it. */
export async function tableRows(database: string, table: string): Promise<number> {
  let location: string | undefined;
  try {
    const { Table } = await clients.glue().send(new GetTableCommand({ DatabaseName: database, Name: table }));
    location = Table?.Parameters?.metadata_location;
  } catch (error) {
    if (nameOf(error) === "EntityNotFoundException") return 0;
    throw error;
  }
  const [, bucket = "", key = ""] = /^s3a?:\/\/([^/]+)\/(.+)$/.exec(location ?? "") ?? [];
  const metadata = await readJson(bucket, key, tableMetadata);
  // Snapshot ids have more bits than a JSON number keeps, so the newest is found by its sequence number.
  const newest = (metadata?.snapshots ?? []).reduce<{ sequence: number; rows: number }>(
    (latest, { "sequence-number": sequence = 0, summary }) =>
      sequence >= latest.sequence ? { sequence, rows: Number(summary?.["total-records"] ?? 0) } : latest,
    { sequence: -1, rows: 0 },
  );
  return newest.rows;
}
