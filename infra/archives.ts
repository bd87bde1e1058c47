/**
 * Zip and tar.gz archives, made in memory and reproducible: an archive's name contains the hash of its content, so it is
 * deployed if and only if it has changed.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
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

const tarBlock = 512;

function tarEntry(path: string, content: Buffer): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`The path "${path}" is too long for a tar archive: 100 at most.`);
  const header = Buffer.alloc(tarBlock);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  header.write(path, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  // The checksum is computed with blanks in its own field.
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((tarBlock - (content.length % tarBlock)) % tarBlock);
  return Buffer.concat([header, content, padding]);
}

/** A gzipped tar archive for SageMaker's script mode. */
export function tarGz(files: Files): Buffer {
  const entries = sorted(files).map(([path, content]) => tarEntry(path, content));
  const archive = gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * tarBlock)]), { level: 9 });
  // Byte 9 is the operating system, on which the archive must not depend.
  archive[9] = 255;
  return archive;
}
