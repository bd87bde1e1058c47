/** Opens the report of a pipeline's demo. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { printResult } from "../shared/output";
import { daybreakHome } from "../shared/paths";
import { CommandProblem, messageOf } from "../shared/problem";
import { jsonOption } from "./options";

/** A launcher that has not failed within this time has opened the page. */
const launchMilliseconds = 2000;

export function addOpen(program: Command): void {
  program
    .command("open [pipeline]")
    .description(
      "open the report of a pipeline's demo in the browser, and print its path; without a name, the newest report",
    )
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  npx daybreak open cdnow")
    .action(async (pipeline: string | undefined, options: { json: boolean }) => {
      const report = reportOf(pipeline);
      const problem = await openInBrowser(report);
      printResult({ report, opened: problem === undefined, problem: problem ?? null }, options, () =>
        problem === undefined ? report : `${report}\nNot opened: ${problem}. Open this file in a browser.`,
      );
    });
}

/** The newest report of a pipeline or of all; that of a demo whose workflow failed is one, too. */
export function reportOf(pipeline: string | undefined, home = daybreakHome): string {
  const pipelines = existsSync(home) ? readdirSync(home) : [];
  const reports = pipelines
    .flatMap((name) =>
      ["report", "failed-report"].map((kind) => ({ name, file: join(home, name, kind, "index.html") })),
    )
    .filter(({ file }) => existsSync(file))
    .sort((one, other) => statSync(other.file).mtimeMs - statSync(one.file).mtimeMs);
  const newest = reports.find(({ name }) => pipeline === undefined || name === pipeline);
  if (newest !== undefined) return newest.file;
  if (pipeline === undefined) {
    throw new CommandProblem("There is no report yet.", "A demo makes one: npx daybreak demo");
  }
  const known = [...new Set(reports.map(({ name }) => name))].sort();
  const others = known.length === 0 ? "" : ` There are reports of ${known.join(", ")}.`;
  throw new CommandProblem(
    `There is no report of ${pipeline}.${others}`,
    `A demo makes one: npx daybreak demo --pipeline ${pipeline}`,
  );
}

/** The program that opens a file with its default application. */
function launcher(): { command: string; args: string[] } | string {
  if (process.platform === "darwin") return { command: "open", args: [] };
  if (process.platform === "win32") return { command: "cmd", args: ["/c", "start", ""] };
  // Without a display, xdg-open may start a browser in this terminal.
  const hasDisplay = Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  return hasDisplay ? { command: "xdg-open", args: [] } : "this machine has no display";
}

/** Opens a file; returns why it could not. */
export async function openInBrowser(file: string, how = launcher()): Promise<string | undefined> {
  if (typeof how === "string") return how;
  const child = spawn(how.command, [...how.args, file], { stdio: "ignore", detached: true });
  const failed = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(`${how.command} cannot be started (${messageOf(error)})`));
    child.once("exit", (code) => resolve(code === 0 ? undefined : `${how.command} ended with code ${code}`));
  });
  child.unref();
  return Promise.race([failed, sleep(launchMilliseconds, undefined, { ref: false })]);
}
