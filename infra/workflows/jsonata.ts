/** Builds JSONata expressions from plain objects: values marked with `code` are JSONata, all others are literals. */

/** A JSONata expression inside an object or list. */
export class Code {
  constructor(readonly text: string) {}
}

/** Marks a string as JSONata. */
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

/** The JSONata expression for a value. JSONata omits keys whose expression yields nothing. */
export function construct(value: Constructed): string {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) return `[${value.map(construct).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Record<string, Constructed>);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${construct(item)}`).join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** The JSONata expression for a value serialized as JSON. */
export function jsonText(value: Constructed): string {
  return `$string(${construct(value)})`;
}
