/** Runs installers with their output in a log file. If one fails, the error message includes the end of the log. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOGS, ROOT, shown } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const LINES_SHOWN = 15;
const running = new Set();

// Stops the installers if setup is interrupted. An unfinished step has no stamp and runs again next time.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    if (running.size === 0) return;
    for (const child of running) child.kill("SIGTERM");
    process.stderr.write("\nSetup was interrupted. Run the same command again to continue.\n");
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
}

function lastLines(path) {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-LINES_SHOWN).join("\n");
}

/**
 * @param {string} name part of the log file's name
 * @param {string} command
 * @param {string[]} args
 * @param {{env?: Record<string, string|undefined>, remedy?: string}} [options] remedy: what to do if the command fails
 * @throws {Problem} if the command fails or is not installed
 * @returns {Promise<void>}
 */
export async function runLogged(name, command, args, options = {}) {
  mkdirSync(LOGS, { recursive: true });
  const log = join(LOGS, `setup-${name}.log`);
  const output = openSync(log, "w");
  try {
    const code = await new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: ROOT,
        stdio: ["ignore", output, output],
        env: { ...process.env, ...options.env },
      });
      running.add(child);
      child.once("error", reject);
      child.once("close", (exitCode, signal) => {
        running.delete(child);
        resolve(exitCode ?? signal);
      });
    });
    if (code === 0) return;
    const remedy =
      options.remedy ??
      "Check the network connection and the package mirror settings, then run the same command again.";
    throw new Problem(
      `${command} ${args.slice(0, 3).join(" ")} … failed (${code}). End of ${shown(log)}:\n${lastLines(log)}`,
      remedy,
    );
  } catch (error) {
    if (error.code === "ENOENT")
      throw new Problem(`${command} is not installed or not on PATH.`, `Install ${command}.`);
    throw error;
  } finally {
    closeSync(output);
  }
}
