/** What the adapters of several services need. */
import { z } from "zod";
import { DeploymentError } from "../errors";
import { isPlainObject } from "../values";

/** A policy or another JSON document: the program may give the text or the object. */
export const jsonDocument = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((document) => (typeof document === "string" ? document : JSON.stringify(document)));

export const texts = z.array(z.string());

/** A map whose keys are the program's own words: an object without a prototype, which `pascal` leaves as it is. */
export const textMap = z
  .record(z.string(), z.string())
  .transform((map): Record<string, string> => Object.assign(Object.create(null), map));

/** A text that AWS takes one of few of; which they are is AWS's to say. */
export const oneOf = <Names extends string>() => z.custom<Names>((value) => typeof value === "string", "expected text");

/** Inputs as AWS's API writes them: `logGroupName` becomes `LogGroupName`, at every level. */
export type Pascal<Value> = Value extends readonly (infer Item)[]
  ? Pascal<Item>[]
  : Value extends object
    ? string extends keyof Value
      ? Value
      : { [Key in keyof Value & string as Capitalize<Key>]: Pascal<Value[Key]> }
    : Value;

export function pascal<Value>(value: Value): Pascal<Value> {
  const change = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(change);
    if (!isPlainObject(item) || Object.getPrototypeOf(item) === null) return item;
    return Object.fromEntries(
      Object.entries(item).map(([key, inner]) => [`${key.charAt(0).toUpperCase()}${key.slice(1)}`, change(inner)]),
    );
  };
  return change(value) as Pascal<Value>;
}

/** Attributes as SNS and SQS take them: all text, and only those that say something. */
export function textAttributes(attributes: Record<string, string | number | boolean | undefined>) {
  const said = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}

/** What AWS must have answered; an emulator that leaves it out is named, with the call. */
export function required<Value>(value: Value | undefined, what: string): Value {
  if (value !== undefined) return value;
  throw new DeploymentError(`The local cloud answered without ${what}, which AWS always returns.`, {
    advice: "This is a fault of the emulator: local/daybreak_local has to add it.",
  });
}

const POLL_MILLISECONDS = 50;
const POLL_LIMIT_MILLISECONDS = 60_000;

/** Waits until the check returns something, asking again every 50 ms; gives up after a minute. */
export async function waitFor<Value>(what: string, check: () => Promise<Value | undefined>): Promise<Value> {
  const started = performance.now();
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() - started > POLL_LIMIT_MILLISECONDS) {
      throw new DeploymentError(`Waited ${POLL_LIMIT_MILLISECONDS / 1000} s in vain for ${what}.`);
    }
    await new Promise((resume) => setTimeout(resume, POLL_MILLISECONDS));
  }
}
