/** Rejects a file without any publishable event; the error names the columns of the file and the fields that the pipeline expects. */
import { nearest } from "../../spec/nearest";
import type { PipelineSpec } from "../../spec/pipeline";
import { shownPath } from "../shared/paths";
import { CommandProblem } from "../shared/problem";
import { isMissing, timeOf } from "./event";
import { type Row, readRows } from "./rows";

type Expected = Pick<PipelineSpec, "name" | "entity" | "events">;

/** Limits for what an error message quotes. */
const shownColumns = 30;
const shownCharacters = 200;

/** Checks a whole file before any of it is sent; returns its number of rows. */
export async function checkFile(path: string, spec: Expected): Promise<number> {
  const check = new FileCheck(shownPath(path), spec);
  for await (const row of readRows(path, Object.keys(spec.events.fields))) check.add(row);
  check.finish();
  return check.rows;
}

/** Collects what the check needs to know, row by row. */
export class FileCheck {
  rows = 0;
  #objects = 0;
  #readableTimes = 0;
  #pastTimes = 0;
  #firstLine: string | undefined;
  #firstTime: unknown;
  readonly #columns = new Set<string>();
  /** The required fields for which no row has had a value so far. */
  readonly #unseen: Set<string>;

  constructor(
    readonly title: string,
    private readonly spec: Expected,
    private readonly now = Date.now(),
  ) {
    this.#unseen = new Set(requiredFields(spec));
  }

  add({ value, line }: Row): void {
    this.rows += 1;
    this.#firstLine ??= line === undefined ? undefined : shown(line.toString());
    if (value === undefined) return;
    this.#objects += 1;
    for (const field of this.#unseen) if (!isMissing(value[field])) this.#unseen.delete(field);
    // The first rows are enough: the columns are only quoted in error messages.
    if (this.#objects <= 1000) for (const name of Object.keys(value)) this.#columns.add(name);
    this.#firstTime ??= value[this.spec.events.time];
    const time = timeOf(value[this.spec.events.time]);
    if (time === undefined) return;
    this.#readableTimes += 1;
    if (time <= this.now) this.#pastTimes += 1;
  }

  /** @throws CommandProblem if none of the rows can be published */
  finish(): void {
    if (this.rows === 0) throw this.#problem("has no events", "Expected at least one row.");
    if (this.#objects === 0) throw this.#noObjects();
    if (this.#unseen.size > 0) throw this.#missingFields();
    const { time } = this.spec.events;
    if (this.#readableTimes === 0) {
      throw this.#problem(
        `none of its ${this.#rowCount} has a time in the field ${time} that can be read; the first is ${shown(JSON.stringify(this.#firstTime))}`,
        "Expected ISO 8601 and a year from 1900 to 2200, such as 2026-03-01T12:00:00Z.",
      );
    }
    if (this.#pastTimes === 0) {
      throw this.#problem(
        `all times in its field ${time} are in the future; the first is ${shown(JSON.stringify(this.#firstTime))}`,
        "Events from the future are quarantined.",
      );
    }
  }

  get #rowCount(): string {
    return this.rows === 1 ? "one row" : `${this.rows.toLocaleString("en-US")} rows`;
  }

  #problem(what: string, remedy: string): CommandProblem {
    return new CommandProblem(`${this.title}: ${what}.`, `${remedy}\n${describeExpected(this.spec)}`);
  }

  #noObjects(): CommandProblem {
    const first = this.#firstLine ?? "";
    if (first.startsWith("[")) {
      return this.#problem(
        "is a JSON array, or lines of arrays",
        "Expected JSON lines: one object on each line. To convert an array: jq -c '.[]' array.json > events.jsonl",
      );
    }
    if (first.includes("\0") || first.includes("\uFFFD")) {
      return this.#problem("is not UTF-8 text", "Save it as UTF-8, as JSON lines: one object on each line.");
    }
    return this.#problem(
      `none of its ${this.#rowCount} is a JSON object; the first is ${first}`,
      "Expected JSON lines: one object on each line.",
    );
  }

  #missingFields(): CommandProblem {
    const missing = [...this.#unseen];
    const columns = [...this.#columns];
    const listed = columns.slice(0, shownColumns).map(shown).join(", ");
    const more = columns.length > shownColumns ? ` and ${columns.length - shownColumns} more` : "";
    const lines = [`Columns of the file: ${listed}${more}`];
    if (this.#firstLine === undefined && columns.some(looksLikeData)) {
      lines.push("Its first line looks like data. Expected a header with the names of the columns.");
    }
    for (const field of missing) {
      const similar = nearest(field, columns);
      if (similar !== undefined && !requiredFields(this.spec).includes(similar)) {
        lines.push(`Rename ${similar} to ${field}, if that is what it holds.`);
      }
    }
    return this.#problem(`no row has a value for ${missing.join(", ")}`, lines.join("\n"));
  }
}

/** The fields that every event needs, except the ID: feed generates missing IDs. */
function requiredFields({ entity, events: { id, time, fields } }: Expected): string[] {
  return Object.entries(fields)
    .filter(([name, field]) => name !== id && (field.required || name === time || name === entity))
    .map(([name]) => name);
}

function describeExpected(spec: Expected): string {
  const { id, fields } = spec.events;
  const required = new Set(requiredFields(spec));
  const note = (name: string) => (name === id ? ", generated if missing" : required.has(name) ? "" : ", optional");
  const listed = Object.entries(fields).map(([name, { type }]) => `${name} (${type}${note(name)})`);
  return `The pipeline ${spec.name} expects: ${listed.join(", ")}`;
}

/** Whether a column name looks like a value: a number or a time. */
const looksLikeData = (name: string) => /^[\d.,:+-]*\d[\d.,:+-]*$/.test(name) || timeOf(name) !== undefined;

const shown = (text: string) => (text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text);
