/** Runs installers with their output in a log file. If one fails, the error message includes the end of the log. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOGS, ROOT, shown } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const LINES_SHOWN = 15;
/** How long an installer has to end before it is killed. */
const GRACE_MS = 10_000;
const running = new Set();
let isInterrupted = false;

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    if (running.size > 0 && !isInterrupted) void stop(signal === "SIGINT" ? 130 : 143);
  });
}

/**
 * Stops the installers and waits for their end: the next setup must not meet one that still writes. An unfinished step has no
 * stamp and runs again next time.
 */
async function stop(exitCode) {
  isInterrupted = true;
  process.stderr.write("\nSetup was interrupted. Run the same command again to continue.\n");
  const children = [...running];
  const ended = children.map((child) => once(child, "close"));
  const signalAll = (signal) => {
    for (const child of children) child.kill(signal);
  };
  signalAll("SIGTERM");
  setTimeout(signalAll, GRACE_MS, "SIGKILL");
  await Promise.all(ended);
  process.exit(exitCode);
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
        // An installer that was stopped has not failed.
        if (!isInterrupted) resolve(exitCode ?? signal);
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
