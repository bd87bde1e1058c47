/** Output of a command: texts and tables for people, one JSON value for programs (`--json`). */

/** Prints the result of a command to stdout: as JSON with --json, otherwise as text. */
export function printResult<Result>(
  result: Result,
  options: { json: boolean },
  text: (result: Result) => string,
): void {
  process.stdout.write(`${options.json ? JSON.stringify(result, null, 2) : text(result)}\n`);
}

/** Prints a progress message to stderr, because stdout has only the command's result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A table with aligned columns, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-US") : cell)));
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(header), line(widths.map((width) => "─".repeat(width))), ...cells.map(line)].join("\n");
}

/** A count with thousands separators: 69,659. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** A duration such as 0.8 s, 12 s or 3 min 07 s. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** A size such as 2.1 MB. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
