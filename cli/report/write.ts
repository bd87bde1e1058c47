/** Writes a report's two files: the facts for programs, the page for people. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Summary, summary as summaryContract } from "../../contracts/summary";
import { renderPage } from "./page";

export function writeReport(summary: Summary, folder: string): { reportFile: string; summaryFile: string } {
  const checked = summaryContract.parse(summary);
  mkdirSync(folder, { recursive: true });
  const reportFile = join(folder, "index.html");
  const summaryFile = join(folder, "summary.json");
  writeFileSync(summaryFile, `${JSON.stringify(checked, null, 2)}\n`);
  writeFileSync(reportFile, renderPage(checked));
  return { reportFile, summaryFile };
}
