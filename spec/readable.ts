/** What a value still says where a part of it violates its schema. */
import { z } from "zod";
import { unwrap } from "./unwrap";

/**
 * A value of which parts could not be read. Such a part is undefined: a member that is there and undefined, an element of a
 * list, or the whole. A member that is not there was left out by its author.
 */
export type Readable<Value> = Value extends readonly (infer Element)[]
  ? (Readable<Element> | undefined)[]
  : Value extends object
    ? { [Key in keyof Value]: Readable<Value[Key]> | undefined }
    : Value;

/** Reads what it can of a value. */
export function readable<Value>(schema: z.ZodType<Value>, value: unknown): Readable<Value> | undefined {
  return read(schema, value) as Readable<Value> | undefined;
}

function read(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const inner = unwrap(schema, value);
  if (inner instanceof z.ZodArray && Array.isArray(value))
    return value.map((element) => readAny(inner.element, element));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const given = Object.entries(value);
  if (inner instanceof z.ZodRecord) {
    return Object.fromEntries(given.map(([name, member]) => [name, readAny(inner.valueType, member)]));
  }
  if (!(inner instanceof z.ZodObject)) return undefined;
  // A key that is not known may be any of the missing ones, misspelt.
  const isSpelt = given.every(([name]) => Object.hasOwn(inner.shape, name));
  const members = Object.entries(inner.shape).flatMap(([name, member]) => {
    if (Object.hasOwn(value, name)) return [[name, readAny(member, Reflect.get(value, name))]];
    if (!isSpelt) return [[name, undefined]];
    return member instanceof z.ZodOptional ? [] : [[name, readAny(member, undefined)]];
  });
  return Object.fromEntries(members);
}

/** Zod types the parts of a schema more loosely than schemas. */
function readAny(schema: unknown, value: unknown): unknown {
  return schema instanceof z.ZodType ? read(schema, value) : undefined;
}
