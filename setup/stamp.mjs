/**
 * A stamp is a file that lies inside what a step made and holds the hash of what it was made from. Deleting the
 * result deletes the stamp, and changing the lock file changes the hash: either makes the step run again.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The hash of the given texts, in order. */
export function hashOf(...texts) {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex");
}

export function isCurrent(path, hash) {
  try {
    return readFileSync(path, "utf8") === hash;
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return false;
    throw error;
  }
}

export function writeStamp(path, hash) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, hash);
}

export function removeStamp(path) {
  rmSync(path, { force: true });
}
