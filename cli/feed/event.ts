/** Converts a row of a file to an event: with the types of the pipeline's fields, and a reproducible ID if it has none. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { EventFieldType, PipelineSpec } from "../../spec/pipeline";
import type { Row } from "./rows";

export interface OutgoingEvent {
  row: number;
  /** Determines the shard, so that the events of an entity stay in order. */
  partitionKey: string;
  /** Text, or bytes if the line is not UTF-8. */
  data: string | Buffer;
  bytes: number;
  /** The event time; undefined if the row has none that can be parsed. */
  time: number | undefined;
  entity: string | undefined;
}

const integerText = /^[+-]?\d+$/;
const doubleText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const booleanOfText = new Map([
  ["true", true],
  ["false", false],
]);

/** Converts the text of a CSV cell to the field's type. Other text stays unchanged, so that the pipeline quarantines it. */
export function convertText(text: string, type: EventFieldType | undefined): unknown {
  if (type === "integer" && integerText.test(text)) return integerOf(BigInt(text)) ?? text;
  if (type === "double" && doubleText.test(text)) return Number(text);
  if (type === "boolean") return booleanOfText.get(text.toLowerCase()) ?? text;
  return text;
}

/** An integer of 64 bits, as a number if JavaScript has it exactly; undefined for a longer one. */
function integerOf(value: bigint): number | bigint | undefined {
  if (BigInt.asIntN(64, value) !== value) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const isoTime =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?([Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/;
const firstYear = 1900;
const lastYear = 2200;

/**
 * The milliseconds of an ISO 8601 time, in UTC if it has no offset. The transform step accepts the same grammar; both are
 * tested with test/time-grammar.json.
 */
export function timeOf(value: unknown): number | undefined {
  const match = typeof value === "string" ? isoTime.exec(value) : null;
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", offset = "Z"] = match;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  // Date would read 30 February as 2 March, and the year 98 as 1998.
  if (midnight.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined;
  const clock = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000;
  const milliseconds = Number(fraction.padEnd(3, "0").slice(0, 3));
  const time = midnight.getTime() + clock + milliseconds - offsetMilliseconds(offset);
  const inYear = new Date(time).getUTCFullYear();
  return inYear >= firstYear && inYear <= lastYear ? time : undefined;
}

function offsetMilliseconds(offset: string): number {
  const digits = offset.replace(/\D/g, "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** The first 48 bits of a file's SHA-256: the part of an event ID that identifies the file. */
export async function fingerprintOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex").slice(0, 12);
}

/** An ID for an event that has none: a row of a file always gets the same ID. */
function derivedId(fingerprint: string, row: number, type: EventFieldType | undefined): string | number {
  if (type !== "integer") return `${fingerprint}-${row}`;
  // 22 bits of the file and 31 of the row fit into JavaScript's (and JSON's) exact integers.
  return (Number.parseInt(fingerprint.slice(0, 6), 16) >> 2) * 2 ** 31 + row;
}

/** Converts a value from CSV or Parquet to the field's type; JSON lines are sent unchanged. */
function convert(value: unknown, type: EventFieldType | undefined): unknown {
  if (typeof value === "string") return convertText(value, type);
  // Parquet files often keep identifiers as numbers.
  if (type === "string" && (typeof value === "number" || typeof value === "bigint")) return String(value);
  return value;
}

/**
 * A value as JSON; JSON.stringify refuses 64-bit integers. A value that JSON cannot represent, such as infinity, becomes text,
 * so that the pipeline quarantines it; null would pass for a missing value.
 */
function jsonOf(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`;
  if (Array.isArray(value) || value instanceof Uint8Array) return `[${Array.from(value, jsonOf).join(",")}]`;
  if (typeof value === "object" && value !== null) return objectAsJson(Object.entries(value));
  return JSON.stringify(value) ?? "null";
}

const objectAsJson = (entries: [string, unknown][]) =>
  `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${jsonOf(value)}`).join(",")}}`;

export const isMissing = (value: unknown) => value === undefined || value === null || value === "";

/** The identity in a field; undefined if the field is missing, empty, or not a text or a number. */
export function identityIn(value: unknown): string | undefined {
  const isIdentity = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
  return isIdentity && value !== "" ? String(value) : undefined;
}

/** Converts the rows of one file to events. */
export function eventMaker(spec: Pick<PipelineSpec, "entity" | "events">, fingerprint: string) {
  const { id, time, fields } = spec.events;

  const convertRow = (value: Record<string, unknown>) =>
    Object.entries(value)
      // An empty cell is a missing value.
      .filter(([, cell]) => !isMissing(cell))
      .map(([name, cell]): [string, unknown] => [name, convert(cell, fields[name]?.type)]);

  return ({ number: row, value, line, bytes }: Row): OutgoingEvent => {
    if (value === undefined) {
      const data = line ?? "";
      const size = bytes ?? Buffer.byteLength(data);
      return { row, partitionKey: keyOf(undefined, row), data, bytes: size, time: undefined, entity: undefined };
    }
    const newId = () => derivedId(fingerprint, row, fields[id]?.type);
    let data: string;
    if (line === undefined) {
      const entries = convertRow(value);
      data = objectAsJson(isMissing(value[id]) ? [...entries, [id, newId()]] : entries);
    } else {
      // Added to the text, not to the value: reading a line and writing it again would round its large numbers.
      data = isMissing(value[id]) ? withProperty(line.toString(), value, id, newId()) : line.toString();
    }
    const entity = identityIn(value[spec.entity]);
    const partitionKey = keyOf(entity, row);
    return { row, partitionKey, data, bytes: Buffer.byteLength(data), time: timeOf(value[time]), entity };
  };
}

/** An object's JSON with one more property at the end, because the last value counts if a name is repeated. */
function withProperty(line: string, object: Record<string, unknown>, name: string, value: string | number): string {
  const inside = line.slice(0, line.lastIndexOf("}"));
  const comma = Object.keys(object).length === 0 ? "" : ",";
  return `${inside}${comma}${JSON.stringify(name)}:${JSON.stringify(value)}}`;
}

const longestKey = 256;
// Half of a surrogate pair, in the entity or left by the truncation, would make the whole call invalid.
const keyOf = (entity: string | undefined, row: number) =>
  (entity ?? `row-${row}`).slice(0, longestKey).replace(/\p{Surrogate}/gu, "\uFFFD");
