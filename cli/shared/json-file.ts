/** Small JSON files that several commands read and write at the same time. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { shownPath } from "./paths";
import { CommandProblem, codeOf, nameOf } from "./problem";

/** Writes the whole file at once: a reader sees the old content or the new. */
export function writeJsonFile(path: string, content: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const written = `${path}.${process.pid}.new`;
  writeFileSync(written, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(written, path);
}

/** The content of a file; undefined if there is none. */
export function readJsonFile<Value>(path: string, schema: z.ZodType<Value>): Value | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (nameOf(error) !== "SyntaxError") throw error;
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new CommandProblem(
    `${shownPath(path)} is not as this version of Daybreak writes it: ${z.prettifyError(parsed.error)}`,
    "Delete it, unless another version of Daybreak uses it, such as for a local cloud that is running.",
  );
}
