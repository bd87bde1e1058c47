/** Splits a text file into lines, in bounded memory. Lines are bytes, so that invalid UTF-8 is not replaced by U+FFFD. */
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const lineFeed = 0x0a;
const byteOrderMark = Buffer.from("\uFEFF");

/** A line without its line feed. Only the start of a line that is too long is kept. */
export interface Line {
  content: Buffer;
  /** The length of the whole line. */
  bytes: number;
}

/** Opens a text file; unpacks it if its name ends in .gz. */
export function openText(path: string): Readable {
  const file = createReadStream(path);
  if (!path.endsWith(".gz")) return file;
  // Otherwise the pipe's reader would wait forever after an error in the file.
  const unzipped = createGunzip();
  file.on("error", (error) => unzipped.destroy(error));
  return file.pipe(unzipped);
}

/** Yields the lines that end in each chunk of a stream, including blank ones. Skips a byte order mark. */
export async function* splitLines(input: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Line[]> {
  let open: Buffer[] = [];
  let kept = 0;
  let bytes = 0;
  let isFirst = true;

  const extend = (part: Buffer) => {
    if (kept < longest && part.length > 0) {
      const start = part.subarray(0, longest - kept);
      open.push(start);
      kept += start.length;
    }
    bytes += part.length;
  };
  const end = (): Line => {
    const whole = open.length === 1 && open[0] !== undefined ? open[0] : Buffer.concat(open);
    const marked = isFirst && whole.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? byteOrderMark.length : 0;
    const line = { content: whole.subarray(marked), bytes: bytes - marked };
    open = [];
    kept = 0;
    bytes = 0;
    isFirst = false;
    return line;
  };

  for await (const piece of input) {
    const lines: Line[] = [];
    let start = 0;
    for (let at = piece.indexOf(lineFeed); at !== -1; at = piece.indexOf(lineFeed, start)) {
      extend(piece.subarray(start, at));
      lines.push(end());
      start = at + 1;
    }
    extend(piece.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (bytes > 0) yield [end()];
}
