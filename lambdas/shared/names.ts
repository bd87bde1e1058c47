/** Names that are derived, and so are the same when the same step runs again. */
import { createHash } from "node:crypto";

/** The first letters of a text's hash. */
export function shortHash(text: string, length = 8): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** Lower-case letters, digits and single dashes only. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

/** A name of at most `limit` characters: the text itself, or its beginning and a hash that keeps it unique. */
export function fitName(text: string, limit: number, hashed = text): string {
  if (text === hashed && text.length <= limit) return text;
  const hash = shortHash(hashed);
  const kept = text.slice(0, limit - hash.length - 1).replace(/-+$/, "");
  return kept === "" ? hash : `${kept}-${hash}`;
}

/** An instant as digits only, such as 20260131T050000Z; it may be part of a name. */
export function instantName(instant: Date): string {
  return instant.toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** The number at the end of a model package's ARN. */
export function packageVersion(modelPackageArn: string): number {
  const version = Number(/\/(\d+)$/.exec(modelPackageArn)?.[1]);
  if (!Number.isInteger(version)) throw new Error(`${modelPackageArn} is not the ARN of a versioned model package`);
  return version;
}
