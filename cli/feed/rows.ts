/** Reads events from a file: CSV, JSON lines or Parquet, each row with its number. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import type { AsyncBuffer } from "hyparquet";
import { CommandProblem, messageOf, nameOf, UsageProblem } from "../shared/problem";

/** A row of the file. A line that is not a JSON object stays text. */
export interface Row {
  /** Counted from 1, without the header. */
  number: number;
  value: Record<string, unknown> | string;
  /** The line itself if the file is JSON lines, which are sent unchanged. */
  line?: string;
}

export type Format = "csv" | "jsonl" | "parquet";

const formatOfExtension: Readonly<Record<string, Format>> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "jsonl",
  ".parquet": "parquet",
};

const withoutGzip = (path: string) => (path.endsWith(".gz") ? path.slice(0, -3) : path);

/** The format according to the file's name. */
export function formatOf(path: string): Format {
  const format = formatOfExtension[extname(withoutGzip(path)).toLowerCase()];
  if (format !== undefined) return format;
  throw new UsageProblem(
    `${path}: the extension does not name a known format.`,
    `Expected a name that ends in ${Object.keys(formatOfExtension).join(", ")} (the text formats also with .gz).`,
  );
}

function textOf(path: string): NodeJS.ReadableStream {
  const file = createReadStream(path);
  if (!path.endsWith(".gz")) return file;
  // Otherwise the pipe's reader would wait forever after an error in the file.
  const unzipped = createGunzip();
  file.on("error", (error) => unzipped.destroy(error));
  return file.pipe(unzipped);
}

async function* readJsonLines(path: string): AsyncGenerator<Row> {
  let number = 0;
  for await (const line of createInterface({ input: textOf(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    number += 1;
    yield { number, value: parseObject(line) ?? line, line };
  }
}

/** A line's object; undefined if the line is not JSON or not an object. */
export function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (nameOf(error) === "SyntaxError") return undefined;
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function* readCsv(path: string): AsyncGenerator<Row> {
  const delimiter = withoutGzip(path).toLowerCase().endsWith(".tsv") ? "\t" : ",";
  const parser = parse({
    columns: (header: string[]) => header.map((name) => name.trim()),
    bom: true,
    delimiter,
    skip_empty_lines: true,
    trim: true,
    // A row of another length becomes an event with missing or extra fields, which the pipeline quarantines.
    relax_column_count: true,
    relax_quotes: true,
  });
  const input = textOf(path);
  input.on("error", (error) => parser.destroy(error));
  input.pipe(parser);
  let number = 0;
  for await (const record of parser) {
    number += 1;
    if (isObject(record)) yield { number, value: record };
  }
}

async function* readParquet(path: string): AsyncGenerator<Row> {
  // Published only as an ES module; a static import would slow down every command.
  const { parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const file = randomAccess(path);
  const metadata = await parquetMetadataAsync(file);
  let first = 0;
  for (const group of metadata.row_groups) {
    const next = first + Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: first, rowEnd: next });
    for (const [position, row] of rows.entries()) {
      yield { number: first + position + 1, value: Object.fromEntries(Object.entries(row).map(toJson)) };
    }
    first = next;
  }
}

/** A file from which hyparquet reads only the parts that it needs. */
function randomAccess(path: string): AsyncBuffer {
  return {
    byteLength: statSync(path).size,
    slice: async (start, end) => {
      const parts: Buffer[] = [];
      for await (const part of createReadStream(path, { start, ...(end === undefined ? {} : { end: end - 1 }) })) {
        parts.push(part);
      }
      const whole = Buffer.concat(parts);
      return whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.byteLength);
    },
  };
}

/** Converts Parquet's dates and 64-bit integers to JSON values. */
function toJson([name, value]: [string, unknown]): [string, unknown] {
  if (value instanceof Date) return [name, value.toISOString()];
  if (typeof value === "bigint") return [name, Number.isSafeInteger(Number(value)) ? Number(value) : String(value)];
  return [name, value];
}

const readers: Readonly<Record<Format, (path: string) => AsyncGenerator<Row>>> = {
  csv: readCsv,
  jsonl: readJsonLines,
  parquet: readParquet,
};

/** Rejects a path that cannot be a data file, before anything is started. */
export function checkDataFile(path: string): Format {
  if (!existsSync(path)) throw new CommandProblem(`${path}: there is no such file.`, "Check the path.");
  const stats = statSync(path);
  if (!stats.isFile())
    throw new CommandProblem(`${path} is not a file.`, "Expected one CSV, JSON lines or Parquet file.");
  const format = formatOf(path);
  if (stats.size === 0) throw new CommandProblem(`${path} is empty.`, "Expected a file with at least one event.");
  return format;
}

/** The rows of a data file, in order. */
export async function* readRows(path: string): AsyncGenerator<Row> {
  const format = checkDataFile(path);
  try {
    yield* readers[format](path);
  } catch (error) {
    throw new CommandProblem(
      `${path} cannot be read as ${format}: ${messageOf(error)}`,
      "Check that the file is complete and in the format of its extension.",
    );
  }
}
