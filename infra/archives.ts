/**
 * Zip archives, made in memory and reproducible: an archive's name contains the hash of its content, so it is
 * deployed if and only if it has changed.
 */
import { createHash } from "node:crypto";
import { zipSync } from "fflate";

/** Path inside the archive, with forward slashes → content. */
export type Files = ReadonlyMap<string, Buffer>;

function sorted(files: Files): [string, Buffer][] {
  return [...files].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** The hash of files' paths and contents, truncated for use in an S3 key. */
export function hashFiles(files: Files): string {
  const hash = createHash("sha256");
  for (const [path, content] of sorted(files)) hash.update(`${path}\0${content.length}\0`).update(content);
  return hash.digest("hex").slice(0, 16);
}

/** An uncompressed zip archive, from which Python can import directly. */
export function zip(files: Files): Buffer {
  return Buffer.from(zipSync(Object.fromEntries(sorted(files)), sameEverywhere));
}

/** 1980-01-01 is the earliest date in the zip format. The mode is that of a regular file that anyone may read. */
const sameEverywhere = { level: 0, mtime: new Date(1980, 0, 1), os: 3, attrs: (0o100644 << 16) >>> 0 } as const;
