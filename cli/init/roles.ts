/** Guesses which field is the time, which the ID of an event, and which the entity; each guess with its reason. */
import { count } from "../shared/output";
import { UsageProblem } from "../shared/problem";
import type { Field, LeftOut } from "./fields";
import { type Column, epochUnit, type Profile } from "./profile";

export interface Role {
  field: string;
  reason: string;
  alternatives: string[];
}

/** The ID field if no column is suitable: feed generates the ID of each row. */
export const generatedId = "event_id";

/** How well a name suits a role: the position of the first pattern that it matches, the best first. */
const rank = (name: string, patterns: readonly RegExp[]) => {
  const position = patterns.findIndex((pattern) => pattern.test(name));
  return position === -1 ? patterns.length : position;
};

const timeNames = [
  /^event_?time$/,
  /^(timestamp|event_(timestamp|date)|occurred_at|time|ts)$/,
  /^(date|datetime|created(_at)?|(order|purchase|transaction|invoice)_?(date|time|timestamp))$/,
  /(_at|time|date|timestamp)$/,
];
const idNames = [/^event_?id$/, /^(id|uuid|guid)$/, /(^|_)(id|uuid|guid)$/, /(^|_)(key|number|no)$/];
const entityNames = [
  /(^|_)(user|customer|client|account|member|visitor|player|patient|subscriber|buyer|passenger|person|employee|student)(_?(id|no|number|name|key|code))?$/,
  /(^|_)(device|machine|sensor|host|vehicle|store|shop|station|meter|ip|ip_address|remote_addr)(_?(id|no|number|name|key))?$/,
  /(^|_)id$/,
];
const notEntityNames =
  /(^|_)(order|invoice|transaction|product|item|sku|session|event|category|country|city|currency|status|type)(_|$)/;

/** Rows per entity from which a value counts as repeating. */
const leastRepetition = 1.5;

/** What the columns of a file became. */
export interface Columns {
  fields: readonly Field[];
  leftOut: readonly LeftOut[];
}

export function timeRole({ fields, leftOut }: Columns, { title, rows, columns }: Profile, chosen?: string): Role {
  const times = fields
    .filter(({ type, present }) => type === "timestamp" && present >= rows * 0.99)
    .sort((one, other) => rank(one.name, timeNames) - rank(other.name, timeNames) || other.distinct - one.distinct);
  if (chosen !== undefined) return byChoice(chosen, times, leftOut, "--time", "a time (ISO 8601) in every row");
  const [best, ...others] = times;
  if (best === undefined) {
    const listed = columns.map((column) => `${column.column}: ${describeColumn(column, leftOut)}`);
    throw new UsageProblem(
      `${title} has no column with the time of the event. Its columns are:\n${listed.join("\n")}`,
      columns.some(({ kinds, present }) => kinds.timestamp >= present * 0.99 && present >= rows * 0.99)
        ? "JSON lines are sent unchanged, so rename the columns in the file; docs/first-pipeline.md shows how."
        : "Expected a column of ISO 8601 times, such as 2026-03-01 or 2026-03-01T12:00:00Z. Times of another form (12/31/2025, seconds since 1970) must be converted first; docs/first-pipeline.md shows how.",
    );
  }
  const reason = others.length === 0 ? "the only column of times" : "the name that suits the time of the event best";
  return { field: best.name, reason, alternatives: others.map(({ name }) => name) };
}

/** An example of a column's values, what they may mean, and why it is no field. */
function describeColumn(column: Column, leftOut: readonly LeftOut[]): string {
  const example = column.texts[0] ?? [...column.values][0] ?? "no value";
  const unit = epochUnit(column);
  const instant = unit === undefined ? undefined : new Date(Number(example) * unit.milliseconds).toISOString();
  const reason = leftOut.find((one) => one.column === column.column)?.reason;
  return [
    `such as ${example.slice(0, 60)}`,
    ...(unit === undefined ? [] : [`perhaps ${unit.name} since 1970: ${instant}`]),
    ...(reason === undefined ? [] : [reason]),
  ].join("; ");
}

export function entityRole(columns: Columns, { title, rows }: Profile, time: string, chosen?: string): Role {
  const { fields, leftOut } = columns;
  const repeats = ({ distinct, present }: Field) => distinct >= 2 && present / distinct >= leastRepetition;
  const possible = fields.filter(
    ({ name, type, present }) => name !== time && (type === "string" || type === "integer") && present >= rows * 0.99,
  );
  if (chosen !== undefined) return byChoice(chosen, possible, leftOut, "--entity", "a text or an integer in every row");
  // A number without a telling name counts or measures something; a text with few values is a category.
  const isNamed = ({ name }: Field) => rank(name, entityNames) < entityNames.length && !notEntityNames.test(name);
  const candidates = possible
    .filter((field) => repeats(field) && (isNamed(field) || (field.type === "string" && field.distinct > 20)))
    .sort(
      (one, other) =>
        Number(isNamed(other)) - Number(isNamed(one)) ||
        rank(one.name, entityNames) - rank(other.name, entityNames) ||
        other.distinct - one.distinct,
    );
  const [best, ...others] = candidates;
  if (best === undefined) {
    throw new UsageProblem(
      `${title} has no column that says what each event is about, such as a customer whose value occurs in several rows.`,
      [
        `If one does, name it: --entity <column>. Columns with text or integers: ${possible.map(({ name, distinct }) => `${name} (${count(distinct)} different values in ${count(rows)} rows)`).join(", ") || "none"}`,
        ...leftOut.map(({ column, reason }) => `Left out: ${column}: ${reason}`),
      ].join("\n"),
    );
  }
  const each = (best.present / best.distinct).toFixed(1);
  return {
    field: best.name,
    reason: `${count(best.distinct)} different values, each in ${each} rows on average`,
    alternatives: others.map(({ name }) => name),
  };
}

export function idRole(columns: Columns, { rows }: Profile, taken: readonly string[], chosen?: string): Role {
  const { fields, leftOut } = columns;
  const possible = fields.filter(
    ({ name, type, present }) => !taken.includes(name) && (type === "string" || type === "integer") && present === rows,
  );
  if (chosen !== undefined) return byChoice(chosen, possible, leftOut, "--id", "a text or an integer in every row");
  // A few repeated IDs are duplicates of events, which Daybreak removes.
  const candidates = possible
    .filter(
      ({ name, distinct }) => distinct === rows || (distinct >= rows * 0.98 && rank(name, idNames) < idNames.length),
    )
    .sort((one, other) => rank(one.name, idNames) - rank(other.name, idNames) || other.distinct - one.distinct);
  const [best, ...others] = candidates;
  if (best === undefined) {
    const field = fields.some(({ name }) => name === generatedId) ? "row_id" : generatedId;
    const reason = "generated by feed from the file and the row, because no column has a different value in each row";
    return { field, reason, alternatives: [] };
  }
  const repeated = rows - best.distinct;
  const reason =
    repeated === 0 ? "a different value in each row" : `${count(repeated)} repeated values count as duplicates`;
  return { field: best.name, reason, alternatives: others.map(({ name }) => name) };
}

function byChoice(
  chosen: string,
  possible: readonly Field[],
  leftOut: readonly LeftOut[],
  option: string,
  what: string,
): Role {
  const found = possible.find(({ name, column }) => name === chosen || column === chosen);
  if (found !== undefined) return { field: found.name, reason: `chosen with ${option}`, alternatives: [] };
  const reason = leftOut.find(({ column }) => column === chosen)?.reason;
  if (reason !== undefined) throw new UsageProblem(`${option} ${chosen} cannot be a field: ${reason}.`);
  throw new UsageProblem(
    `${option} ${chosen} is not a column with ${what}.`,
    `Columns that are: ${possible.map(({ name }) => name).join(", ") || "none"}`,
  );
}
