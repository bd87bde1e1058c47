/** Converts a row of a file to an event: with the types of the pipeline's fields, and a reproducible ID if it has none. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { EventFieldType, PipelineSpec } from "../../spec/pipeline";
import type { Row } from "./rows";

/** The maximum size of a Kinesis record, including its partition key. */
export const largestRecordBytes = 1024 * 1024;

export interface OutgoingEvent {
  row: number;
  /** Determines the shard, so that the events of an entity stay in order. */
  partitionKey: string;
  data: string;
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
  if (type === "integer" && integerText.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  if (type === "double" && doubleText.test(text)) return Number(text);
  if (type === "boolean") return booleanOfText.get(text.toLowerCase()) ?? text;
  return text;
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
  return type === "string" && typeof value === "number" ? String(value) : value;
}

const isMissing = (value: unknown) => value === undefined || value === null || value === "";

/** Converts the rows of one file to events. */
export function eventMaker(spec: Pick<PipelineSpec, "entity" | "events">, fingerprint: string) {
  const { id, time, fields } = spec.events;

  const convertRow = (value: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(value)
        // An empty cell is a missing value.
        .filter(([, cell]) => !isMissing(cell))
        .map(([name, cell]) => [name, convert(cell, fields[name]?.type)]),
    );

  return ({ number: row, value, line }: Row): OutgoingEvent => {
    if (typeof value === "string") {
      return { row, partitionKey: keyOf(undefined, row), ...text(value), time: undefined, entity: undefined };
    }
    const event = line === undefined ? convertRow(value) : value;
    const hasId = !isMissing(event[id]);
    const data =
      line !== undefined && hasId
        ? line
        : JSON.stringify(hasId ? event : { ...event, [id]: derivedId(fingerprint, row, fields[id]?.type) });
    const entity = isMissing(event[spec.entity]) ? undefined : String(event[spec.entity]);
    return { row, partitionKey: keyOf(entity, row), ...text(data), time: timeOf(event[time]), entity };
  };
}

const longestKey = 256;
const keyOf = (entity: string | undefined, row: number) => (entity ?? `row-${row}`).slice(0, longestKey);
const text = (data: string) => ({ data, bytes: Buffer.byteLength(data) });
