/** Reads events from a file: CSV, JSON lines or Parquet, each row with its number. */
import { isUtf8 } from "node:buffer";
import { createReadStream, existsSync, statSync } from "node:fs";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { parse } from "csv-parse";
import type { AsyncBuffer } from "hyparquet";
import { CommandProblem, messageOf, nameOf, UsageProblem } from "../shared/problem";
import { openText, splitLines } from "./lines";
import { withFieldNames } from "./names";

/** The maximum size of a Kinesis record, including its partition key. */
export const largestRecordBytes = 1024 * 1024;

/** A row of the file. */
export interface Row {
  /** Counted from 1, without the header and blank lines. */
  number: number;
  /** The row as an object; undefined if a line is not one JSON object. */
  value: Record<string, unknown> | undefined;
  /** The line itself if the file is JSON lines, which are sent unchanged. */
  line?: string | Buffer;
  /** The line's length if it is too long for a record: then only its start was read. */
  bytes?: number;
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

/** The longest row of CSV that is read. A longer one means that a quotation mark is missing. */
const longestCsvRow = 16 * largestRecordBytes;

const blank = /^[ \t\r]*$/;

async function* readJsonLines(path: string): AsyncGenerator<Row> {
  let number = 0;
  for await (const lines of splitLines(openText(path), largestRecordBytes)) {
    for (const { content, bytes } of lines) {
      const isWhole = content.length === bytes;
      if (isWhole && !isUtf8(content)) {
        number += 1;
        yield { number, value: undefined, line: content };
        continue;
      }
      const line = content.toString().replace(/\r$/, "");
      if (isWhole && blank.test(line)) continue;
      number += 1;
      if (isWhole) yield { number, value: parseObject(line), line };
      else yield { number, value: undefined, line, bytes };
    }
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

/** Reads a CSV file line by line. A line that is not UTF-8 is an error: unlike a JSON line, it cannot be sent unchanged. */
async function* readCsvText(path: string): AsyncGenerator<Buffer> {
  let number = 0;
  for await (const lines of splitLines(openText(path), longestCsvRow)) {
    for (const { content, bytes } of lines) {
      number += 1;
      if (content.length < bytes) {
        throw new CommandProblem(
          `${path}: line ${number} has more than ${longestCsvRow} bytes.`,
          "Check that the file's lines end with a line feed.",
        );
      }
      if (!isUtf8(content)) {
        throw new CommandProblem(
          `${path}: line ${number} is not UTF-8.`,
          "Save the file as UTF-8, such as with: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv",
        );
      }
    }
    yield Buffer.from(lines.map(({ content }) => `${content}\n`).join(""));
  }
}

async function* readCsv(path: string): AsyncGenerator<Row> {
  const delimiter = withoutGzip(path).toLowerCase().endsWith(".tsv") ? "\t" : ",";
  const parser = parse({
    columns: (header: string[]) => header.map((name) => name.trim()),
    delimiter,
    skip_empty_lines: true,
    trim: true,
    // A row of another length becomes an event with missing or extra fields, which the pipeline quarantines.
    relax_column_count: true,
    relax_quotes: true,
    // Without a limit, a missing quotation mark would read the rest of the file into memory.
    max_record_size: longestCsvRow,
  });
  const text = Readable.from(readCsvText(path), { objectMode: false });
  text.on("error", (error) => parser.destroy(error));
  text.pipe(parser);
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
    const range = { rowStart: first, rowEnd: next };
    const rows = await parquetReadObjects({ file, metadata, compressors, parsers, ...range });
    for (const [position, value] of rows.entries()) yield { number: first + position + 1, value };
    first = next;
  }
}

/** Formats microseconds since 1970 as ISO 8601; out of its range, as text. hyparquet's own dates have only milliseconds. */
export function isoOfMicroseconds(microseconds: bigint): string {
  const below = ((microseconds % 1000n) + 1000n) % 1000n;
  const time = new Date(Number((microseconds - below) / 1000n));
  if (Number.isNaN(time.getTime())) return `${microseconds} microseconds`;
  return time.toISOString().replace("Z", below === 0n ? "Z" : `${String(below).padStart(3, "0")}Z`);
}

const isoOfMilliseconds = (milliseconds: number | bigint) => isoOfMicroseconds(BigInt(milliseconds) * 1000n);

/** Converts Parquet's times and texts to the form that they have in JSON lines. */
const parsers = {
  timestampFromMilliseconds: isoOfMilliseconds,
  timestampFromMicroseconds: isoOfMicroseconds,
  timestampFromNanoseconds: (nanoseconds: bigint) =>
    isoOfMicroseconds(nanoseconds / 1000n - (nanoseconds % 1000n < 0n ? 1n : 0n)),
  dateFromDays: (days: number) => isoOfMilliseconds(days * 86_400_000),
  // Bytes that are not UTF-8 stay bytes, so that the pipeline quarantines them; U+FFFD would hide the error.
  stringFromBytes: (bytes: Uint8Array | undefined) =>
    bytes === undefined || !isUtf8(bytes) ? bytes : Buffer.from(bytes).toString(),
};

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

/**
 * The rows of a data file, in order.
 *
 * @param fields the pipeline's fields: CSV and Parquet columns get their names where only the spelling differs
 */
export async function* readRows(path: string, fields?: Iterable<string>): AsyncGenerator<Row> {
  const format = checkDataFile(path);
  const names = fields === undefined || format === "jsonl" ? undefined : new Set(fields);
  try {
    for await (const row of readers[format](path)) {
      const { value } = row;
      yield names === undefined || value === undefined ? row : { ...row, value: withFieldNames(value, names) };
    }
  } catch (error) {
    if (error instanceof CommandProblem) throw error;
    throw new CommandProblem(
      `${path} cannot be read as ${format}: ${messageOf(error)}`,
      "Check that the file is complete and in the format of its extension.",
    );
  }
}
