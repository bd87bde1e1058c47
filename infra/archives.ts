/**
 * Zip and tar.gz archives made in memory, the same bytes for the same files: an archive's name carries the hash of what is
 * in it, so a change is deployed and an unchanged one is not.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** Path inside the archive, with forward slashes → content. */
export type Files = ReadonlyMap<string, Buffer>;

function sorted(files: Files): [string, Buffer][] {
  return [...files].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** The hash of files' paths and contents, short enough for a key and long enough not to collide. */
export function hashFiles(files: Files): string {
  const hash = createHash("sha256");
  for (const [path, content] of sorted(files)) hash.update(`${path}\0${content.length}\0`).update(content);
  return hash.digest("hex").slice(0, 16);
}

const crcTable = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(content: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of content) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** 1980-01-01, the earliest date a zip can hold. */
const zipDate = 0x0021;
const utf8Names = 0x0800;

/** A zip archive, uncompressed: Python imports from it as it is. */
export function zip(files: Files): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of sorted(files)) {
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(utf8Names, 2);
    common.writeUInt16LE(zipDate, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, name, content]);
    const tail = Buffer.alloc(14);
    // Attributes of a plain file that anyone may read, and where its local header begins.
    tail.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, tail, name]));
    parts.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, index, Buffer.from("PK\x05\x06"), end]);
}

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
  // The checksum counts its own field as blanks.
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((tarBlock - (content.length % tarBlock)) % tarBlock);
  return Buffer.concat([header, content, padding]);
}

/** A gzipped tar archive, as SageMaker's script mode unpacks it. */
export function tarGz(files: Files): Buffer {
  const entries = sorted(files).map(([path, content]) => tarEntry(path, content));
  const archive = gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * tarBlock)]), { level: 9 });
  // Byte 9 says which operating system packed it; the archive must not depend on that.
  archive[9] = 255;
  return archive;
}
