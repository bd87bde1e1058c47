/** Writes JSONata constructors from plain objects: the parts that are code are marked, the rest is literal. */

/** A piece of JSONata inside a constructor. */
export class Code {
  constructor(readonly text: string) {}
}

/** Marks a piece of JSONata. */
export function code(text: string): Code {
  return new Code(text);
}

export type Constructed =
  | string
  | number
  | boolean
  | null
  | Code
  | readonly Constructed[]
  | { readonly [key: string]: Constructed };

/** The JSONata expression that makes an object or a list. A key whose code gives nothing is left out. */
export function construct(value: Constructed): string {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) return `[${value.map(construct).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Record<string, Constructed>);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${construct(item)}`).join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** The JSONata expression that makes the text of a JSON object. */
export function jsonText(value: Constructed): string {
  return `$string(${construct(value)})`;
}
