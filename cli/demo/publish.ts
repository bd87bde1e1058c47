/** Puts a demo's report in the place of the last one. */
import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Summary } from "../../contracts/summary";
import { writeReport } from "../report/write";
import { codeOf } from "../shared/problem";

/**
 * Writes a report beside the last one and then replaces that one as a whole, so that the folder holds a complete report even
 * if this is interrupted.
 *
 * @param rejectsFile the events that could not be sent, which the report mentions; there may be none
 */
export function publishReport(
  summary: Summary,
  folder: string,
  rejectsFile: string,
): { reportFile: string; summaryFile: string } {
  const made = `${folder}-${process.pid}`;
  rmSync(made, { recursive: true, force: true });
  const { reportFile, summaryFile } = writeReport(summary, made);
  if (existsSync(rejectsFile)) copyFileSync(rejectsFile, join(made, basename(rejectsFile)));
  replaceFolder(folder, made);
  return { reportFile: join(folder, basename(reportFile)), summaryFile: join(folder, basename(summaryFile)) };
}

/** Moves `made` to `folder`. What was there before is removed last. */
export function replaceFolder(folder: string, made: string): void {
  const before = `${made}-before`;
  for (;;) {
    rmSync(before, { recursive: true, force: true });
    move(folder, before);
    try {
      renameSync(made, folder);
      break;
    } catch (error) {
      // Another demo of the same pipeline has put its report there in between.
      if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) continue;
      move(before, folder);
      throw error;
    }
  }
  rmSync(before, { recursive: true, force: true });
}

/** Renames a folder, if it exists. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
