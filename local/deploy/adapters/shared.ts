/** Helpers shared by several adapters. */
import { z } from "zod";
import type { Cloud } from "../adapter";
import { DeploymentError } from "../errors";
import { isPlainObject } from "../values";

/** A JSON document such as a policy, as a string or an object. */
export const jsonDocument = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((document) => (typeof document === "string" ? document : JSON.stringify(document)));

export const texts = z.array(z.string());

/** A map with user-defined keys: an object without a prototype, which `pascal` leaves unchanged. */
export const textMap = z
  .record(z.string(), z.string())
  .transform((map): Record<string, string> => Object.assign(Object.create(null), map));

/** An AWS enum; AWS validates the value. */
export const oneOf = <Names extends string>() => z.custom<Names>((value) => typeof value === "string", "expected text");

/** How EventBridge and Scheduler retry a target. */
export const deliveryInputs = {
  deadLetterConfig: z.strictObject({ arn: z.string() }).optional(),
  retryPolicy: z
    .strictObject({ maximumEventAgeInSeconds: z.number().optional(), maximumRetryAttempts: z.number().optional() })
    .optional(),
};

/** Converts inputs to the AWS API's casing: `logGroupName` becomes `LogGroupName`, at every level. */
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

/** The ARN of a resource in the account and region. */
export function arnOf({ partition, region, accountId }: Cloud, service: string, path: string): string {
  return `arn:${partition}:${service}:${region}:${accountId}:${path}`;
}

/** Attributes for SNS and SQS: strings only, without undefined values. */
export function textAttributes(attributes: Record<string, string | number | boolean | undefined>) {
  const said = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}

/** Returns a value that AWS always returns; throws a DeploymentError if the emulator omitted it. */
export function required<Value>(value: Value | undefined, what: string): Value {
  if (value !== undefined) return value;
  throw new DeploymentError(`The local cloud's response lacks ${what}, which AWS always returns.`, {
    advice: "This is a bug in the emulator; local/daybreak_local must add it.",
  });
}

const POLL_MILLISECONDS = 50;
const POLL_LIMIT_MILLISECONDS = 60_000;

/** Polls every 50 ms until the check returns a value; throws a DeploymentError after one minute. */
export async function waitFor<Value>(what: string, check: () => Promise<Value | undefined>): Promise<Value> {
  const started = performance.now();
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() - started > POLL_LIMIT_MILLISECONDS) {
      throw new DeploymentError(`Waited ${POLL_LIMIT_MILLISECONDS / 1000} s for ${what}.`);
    }
    await new Promise((resume) => setTimeout(resume, POLL_MILLISECONDS));
  }
}
