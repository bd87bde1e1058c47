/** Derived names, which are the same when a step is retried. */
import { createHash } from "node:crypto";

/** The first characters of a text's hash. */
export function shortHash(text: string, length = 8): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** Reduces a text to lower-case letters, digits and single dashes. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

/** A name of at most `limit` characters: the text itself, or its start with a hash that keeps it unique. */
export function fitName(text: string, limit: number, hashed = text): string {
  if (text === hashed && text.length <= limit) return text;
  const hash = shortHash(hashed);
  const kept = text.slice(0, limit - hash.length - 1).replace(/-+$/, "");
  return kept === "" ? hash : `${kept}-${hash}`;
}

/** An instant in a form that may be part of a name, such as 20260131T050000Z. */
export function instantName(instant: Date): string {
  return instant.toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/**
 * What the name of a model or an endpoint configuration says, `<prefix>--v<version>-<time>`; undefined if it is not one that the
 * serve workflow gives. The prefix includes its two hyphens.
 */
export function deploymentOf(name: string): { prefix: string; version: number } | undefined {
  const [, prefix, version] = /^(.+--)v(\d+)-\d{14}$/.exec(name) ?? [];
  return prefix === undefined ? undefined : { prefix, version: Number(version) };
}

/** The number at the end of a model package's ARN. */
export function packageVersion(modelPackageArn: string): number {
  const version = Number(/\/(\d+)$/.exec(modelPackageArn)?.[1]);
  if (!Number.isInteger(version)) throw new Error(`${modelPackageArn} is not the ARN of a versioned model package`);
  return version;
}
