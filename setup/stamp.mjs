/**
 * A stamp is a file in a step's output folder that contains the hash of the step's inputs. The step runs again if the
 * folder is deleted, because that deletes the stamp, or if the lock file, and with it the hash, has changed.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The SHA-256 hash of a list of strings. */
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
