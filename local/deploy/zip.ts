/**
 * A zip file that depends on nothing but its entries: sorted names, one fixed time, no compression. The same code gives the
 * same bytes on every machine, so an unchanged function is not deployed again.
 */
export interface ZipEntry {
  name: string;
  content: Buffer;
}

/** 1980-01-01 00:00, the first moment a zip file can name. */
const DOS_DATE = 0x21;
const DOS_TIME = 0;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const STORED = 0;
/** A regular file, mode 0644, made on Unix: a zip without modes is unpacked unreadable by some runtimes. */
const MADE_ON_UNIX = (3 << 8) | VERSION;
const FILE_MODE = (0o100644 << 16) >>> 0;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1;
  return remainder >>> 0;
});

/** CRC-32 as zip files carry it (zlib.crc32 needs a Node newer than the oldest we support). */
export function crc32(content: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of content) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Packs the entries, sorted by name, into one deterministic zip file. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of sorted) {
    const path = Buffer.from(name, "utf8");
    const crc = crc32(content);
    files.push(localHeader(path, content.length, crc), path, content);
    directory.push(centralHeader(path, content.length, crc, offset), path);
    offset += 30 + path.length + content.length;
  }
  const directorySize = directory.reduce((total, part) => total + part.length, 0);
  return Buffer.concat([...files, ...directory, endOfDirectory(sorted.length, directorySize, offset)]);
}

function localHeader(path: Buffer, size: number, crc: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(VERSION, 4);
  writeCommonFields(header, 6, path, size, crc);
  return header;
}

function centralHeader(path: Buffer, size: number, crc: number, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_ON_UNIX, 4);
  header.writeUInt16LE(VERSION, 6);
  writeCommonFields(header, 8, path, size, crc);
  header.writeUInt32LE(FILE_MODE, 38);
  header.writeUInt32LE(offset, 42);
  return header;
}

function writeCommonFields(header: Buffer, at: number, path: Buffer, size: number, crc: number): void {
  header.writeUInt16LE(UTF8_NAMES, at);
  header.writeUInt16LE(STORED, at + 2);
  header.writeUInt16LE(DOS_TIME, at + 4);
  header.writeUInt16LE(DOS_DATE, at + 6);
  header.writeUInt32LE(crc, at + 8);
  header.writeUInt32LE(size, at + 12);
  header.writeUInt32LE(size, at + 16);
  header.writeUInt16LE(path.length, at + 20);
}

function endOfDirectory(entries: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
