/** Decides which columns become fields, of which type, and why others are left out. */

import { reservedColumns } from "../../spec/checks";
import { column as fieldPattern } from "../../spec/events";
import type { EventFieldType } from "../../spec/pipeline";
import { count } from "../shared/output";
import type { Column, Profile } from "./profile";

export interface Field {
  name: string;
  column: string;
  type: EventFieldType;
  required: boolean;
  distinct: number;
  present: number;
  values: ReadonlySet<string>;
  /** A remark about the guess for the user; empty if none is needed. */
  note: string;
}

export interface LeftOut {
  column: string;
  reason: string;
}

/** A type is guessed if at least this share of the values is of it; the others will be quarantined. */
const leastShare = 0.99;

/** The fields of a file's events. */
export function fieldsOf(profile: Profile): { fields: Field[]; leftOut: LeftOut[] } {
  const fields: Field[] = [];
  const leftOut: LeftOut[] = [];
  for (const column of profile.columns) {
    const reason = reasonAgainst(column, profile, fields);
    if (reason !== undefined) leftOut.push({ column: column.column || "(no name)", reason });
    else fields.push(fieldOf(column, profile));
  }
  return { fields, leftOut };
}

function reasonAgainst(column: Column, { format }: Profile, fields: readonly Field[]): string | undefined {
  const { field, present, kinds } = column;
  if (present === 0) return "it has no value";
  if (kinds.nested > present * (1 - leastShare)) {
    return "its values are objects or lists; a field is one value. Move the values that you need to the top level";
  }
  // JSON lines are sent unchanged, so their names cannot be made to fit.
  const name = format === "jsonl" ? column.column : field;
  if (!fieldPattern.safeParse(name).success) {
    return `its name cannot be a field's; rename it to ${field || "lower-case letters, digits and underscores"}`;
  }
  if (fields.some((one) => one.name === name)) return `another column is already called ${name}`;
  if (name !== "event_time" && (reservedColumns as readonly string[]).includes(name)) {
    return "its name is reserved for columns that Daybreak adds; rename it";
  }
  if (typeOf(column, format) === undefined) return "its values are of several types";
  return undefined;
}

function fieldOf(column: Column, { format, rows }: Profile): Field {
  const type = typeOf(column, format) ?? "string";
  const name = format === "jsonl" ? column.column : column.field;
  const wrong = column.present - fitting(column, type, format);
  const example = wrong > 0 && column.texts.length > 0 ? `, such as ${JSON.stringify(column.texts[0])}` : "";
  const notes = [
    ...(name === column.column ? [] : [`the column ${column.column}`]),
    ...(wrong > 0 ? [`${count(wrong)} values do not fit${example}: their events are quarantined`] : []),
    ...(type === "string" && column.hasLeadingZeros && column.kinds.integer > 0 ? ["numbers with leading zeros"] : []),
  ];
  return {
    ...{ name, column: column.column, type, required: column.present === rows, note: notes.join("; ") },
    ...{ distinct: column.values.size, present: column.present, values: column.values },
  };
}

/** The narrowest type that nearly all values are of. */
function typeOf(column: Column, format: Profile["format"]): EventFieldType | undefined {
  const types: EventFieldType[] = ["boolean", "integer", "double", "timestamp", "string"];
  return types.find((type) => fitting(column, type, format) >= column.present * leastShare);
}

function fitting({ kinds, hasLeadingZeros, present }: Column, type: EventFieldType, format: Profile["format"]): number {
  // A CSV cell is text until a type is declared; a JSON number is not accepted as a string.
  if (type === "string") return format === "jsonl" ? kinds.string : present - kinds.nested;
  if (hasLeadingZeros && (type === "integer" || type === "double")) return 0;
  return kinds[type];
}
