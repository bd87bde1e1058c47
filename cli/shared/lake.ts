/** Reads the lake with the user's permissions: step reports, raw files. */
import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import { parseUri } from "../../lambdas/shared/storage";
import { clients } from "./clients";
import { CommandProblem, nameOf } from "./problem";

async function readObject(uri: string): Promise<Buffer | undefined> {
  const { bucket, key } = parseUri(uri);
  try {
    const { Body } = await clients.s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  } catch (error) {
    if (nameOf(error) === "NoSuchKey" || nameOf(error) === "NotFound") return undefined;
    throw error;
  }
}

/** Parses JSON; undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (nameOf(error) === "SyntaxError") return undefined;
    throw error;
  }
}

/** Reads and validates a JSON object in the lake; undefined if it does not exist. */
export async function readJson<Value>(uri: string, schema: z.ZodMiniType<Value>): Promise<Value | undefined> {
  const body = await readObject(uri);
  if (body === undefined) return undefined;
  const parsed = z.safeParse(schema, parseJson(body.toString()));
  if (parsed.success) return parsed.data;
  throw new CommandProblem(
    `${uri} violates its contract:\n${z.prettifyError(parsed.error)}`,
    "It may have been written by another version of Daybreak.",
  );
}

/** The addresses of the objects in a folder of the lake. */
export async function listUris(folder: string): Promise<string[]> {
  const { bucket, key } = parseUri(folder);
  const uris: string[] = [];
  for await (const page of paginateListObjectsV2({ client: clients.s3() }, { Bucket: bucket, Prefix: `${key}/` })) {
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) uris.push(`s3://${bucket}/${Key}`);
  }
  return uris;
}

/** The non-blank lines of the raw files in a folder, numbered as in the transform step. */
export async function* readLines(folder: string): AsyncGenerator<{ file: string; position: number; line: string }> {
  for (const uri of await listUris(folder)) {
    const lines = contentOf((await readObject(uri)) ?? Buffer.alloc(0))
      .toString()
      .split("\n");
    const file = uri.slice(folder.length + 1);
    for (const [index, line] of lines.entries()) if (/[^ \t\r]/.test(line)) yield { file, position: index + 1, line };
  }
}

/** The content of an object, decompressed if it is a gzip file. */
function contentOf(body: Buffer): Buffer {
  return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body;
}

function linesOf(body: Buffer): number {
  const text = contentOf(body);
  let lines = 0;
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) lines += 1;
  return lines + (text.length > 0 && text[text.length - 1] !== 10 ? 1 : 0);
}

/** Counts the events in a folder of the lake; reads each file once. */
export class LandedCounter {
  readonly #counted = new Map<string, number>();

  constructor(private readonly folder: string) {}

  get files(): number {
    return this.#counted.size;
  }

  async count(): Promise<number> {
    for (const uri of await listUris(this.folder)) {
      if (this.#counted.has(uri)) continue;
      this.#counted.set(uri, linesOf((await readObject(uri)) ?? Buffer.alloc(0)));
    }
    return [...this.#counted.values()].reduce((sum, lines) => sum + lines, 0);
  }
}
