/** Profiles the columns of a data file: types, missing values, distinct values. */
import { parse } from "csv-parse/sync";
import { isMissing, timeOf } from "../feed/event";
import { openText, splitLines } from "../feed/lines";
import { fieldName } from "../feed/names";
import { checkDataFile, type formatOf, readRows } from "../feed/rows";
import { shownPath } from "../shared/paths";
import { UsageProblem } from "../shared/problem";

/** The number of rows that are examined; a longer file is judged by its beginning. */
const mostRows = 500_000;
/** The number of distinct values up to which they are counted exactly. */
const mostDistinct = 500_000;
const longestHeader = 1024 * 1024;

export type Kind = "boolean" | "integer" | "double" | "timestamp" | "string" | "nested";

export interface Column {
  /** As in the file. */
  column: string;
  /** As in pipeline.yaml. */
  field: string;
  /** Rows with a value. */
  present: number;
  /** How many values are of each kind; an integer is a double as well, and a timestamp a string. */
  kinds: Record<Kind, number>;
  /** Distinct values, up to a limit. */
  values: Set<string>;
  /** A value such as 007, whose zeros a number would lose. */
  hasLeadingZeros: boolean;
  /** The first values whose only kind is string (or nested), for messages. */
  texts: string[];
}

export interface Profile {
  title: string;
  format: ReturnType<typeof formatOf>;
  rows: number;
  /** Whether the file has more rows than were examined. */
  isPart: boolean;
  columns: Column[];
}

/** Examines the rows of a file. */
export async function profileFile(path: string): Promise<Profile> {
  const format = checkDataFile(path);
  const title = shownPath(path);
  if (format === "csv") await checkHeader(path, title);
  const columns = new Map<string, Column>();
  let rows = 0;
  let isPart = false;
  for await (const { value } of readRows(path)) {
    if (rows === mostRows) {
      isPart = true;
      break;
    }
    if (value === undefined) continue;
    rows += 1;
    for (const [name, cell] of Object.entries(value)) {
      const column = columns.get(name) ?? newColumn(name);
      columns.set(name, column);
      if (!isMissing(cell)) note(column, cell, format === "csv");
    }
  }
  if (rows === 0) throw new UsageProblem(`${title} has no row that is an object.`, "Expected rows with named values.");
  return { title, format, rows, isPart, columns: [...columns.values()] };
}

function newColumn(column: string): Column {
  const kinds = { boolean: 0, integer: 0, double: 0, timestamp: 0, string: 0, nested: 0 };
  return { column, field: fieldName(column), present: 0, kinds, values: new Set(), hasLeadingZeros: false, texts: [] };
}

const integerText = /^[+-]?\d{1,18}$/;
const doubleText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function note(column: Column, cell: unknown, isText: boolean): void {
  const { kinds, values, texts } = column;
  column.present += 1;
  const text = typeof cell === "object" ? JSON.stringify(cell) : String(cell);
  if (values.size < mostDistinct) values.add(text);
  const kind = isText && typeof cell === "string" ? kindOfText(cell) : kindOfValue(cell);
  kinds[kind] += 1;
  if (kind === "integer") kinds.double += 1;
  if (kind === "timestamp") kinds.string += 1;
  if (/^[+-]?0\d/.test(text)) column.hasLeadingZeros = true;
  if ((kind === "string" || kind === "nested") && texts.length < 3 && !texts.includes(text)) texts.push(text);
}

const epochUnits = [
  { name: "seconds", milliseconds: 1000 },
  { name: "milliseconds", milliseconds: 1 },
];
/** Instants that a number may count from 1970 to: from 1990 to 2100. */
const likelyInstants = { first: Date.UTC(1990, 0, 1), last: Date.UTC(2100, 0, 1) };

/** The unit of a column whose integers may be times since 1970. */
export function epochUnit({ kinds, present, values }: Column): (typeof epochUnits)[number] | undefined {
  if (present === 0 || kinds.integer < present) return undefined;
  return epochUnits.find(({ milliseconds }) =>
    [...values].every((value) => {
      const instant = Number(value) * milliseconds;
      return instant >= likelyInstants.first && instant < likelyInstants.last;
    }),
  );
}

/** The kind of a CSV cell. */
function kindOfText(text: string): Kind {
  if (/^(true|false)$/i.test(text)) return "boolean";
  if (integerText.test(text)) return "integer";
  if (doubleText.test(text)) return "double";
  return timeOf(text) === undefined ? "string" : "timestamp";
}

/** The kind of a JSON or Parquet value. */
function kindOfValue(value: unknown): Kind {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "bigint") return "integer";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "double";
  if (typeof value !== "string") return "nested";
  return timeOf(value) === undefined ? "string" : "timestamp";
}

/** Refuses a CSV file whose first line is no header. */
async function checkHeader(path: string, title: string): Promise<void> {
  const names = await firstLine(path);
  const data = names.filter(
    (name) => name !== "" && ["integer", "double", "timestamp", "boolean"].includes(kindOfText(name)),
  );
  if (data.length > 0) {
    throw new UsageProblem(
      `${title}: its first line looks like data, not like the names of the columns: ${names.join(", ")}`,
      "Add a first line with a name for each column, such as customer_id,event_time,amount",
    );
  }
  const repeated = names.find((name, position) => name !== "" && names.indexOf(name) < position);
  if (repeated !== undefined) {
    throw new UsageProblem(`${title}: two columns are called ${repeated}.`, "Give each column a different name.");
  }
}

async function firstLine(path: string): Promise<string[]> {
  for await (const lines of splitLines(openText(path), longestHeader)) {
    const first = lines.find(({ content }) => content.toString().trim() !== "");
    if (first === undefined) continue;
    const delimiter = /\.tsv(\.gz)?$/i.test(path) ? "\t" : ",";
    const [names = []]: string[][] = parse(first.content.toString(), {
      delimiter,
      bom: true,
      trim: true,
      relax_quotes: true,
    });
    return names;
  }
  return [];
}
