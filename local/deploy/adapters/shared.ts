/** What the adapters of several services need. */
import { z } from "zod";
import { DeploymentError } from "../errors";
import { isPlainObject } from "../values";

export const tags = z.record(z.string(), z.string()).optional();

/** A policy or another JSON document: the program may give the text or the object. */
export const jsonDocument = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((document) => (typeof document === "string" ? document : JSON.stringify(document)));

export const texts = z.array(z.string());
export const textMap = z.record(z.string(), z.string());

type TagMap = Record<string, string> | undefined;

/** Tags as most services take them. */
export function tagList(map: TagMap): { Key: string; Value: string }[] {
  return Object.entries(map ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/** The keys of tags that the resource has and the program no longer wants. */
export function removedTags(before: unknown, after: TagMap): string[] {
  return isPlainObject(before) ? Object.keys(before).filter((key) => after?.[key] === undefined) : [];
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
