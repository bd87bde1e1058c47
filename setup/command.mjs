/** Runs installers with their output in a log file. If one fails, the error message includes the end of the log. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOGS, ROOT, shown } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const LINES_SHOWN = 15;
/** How long an installer has to end before it is killed. */
const GRACE_MS = 10_000;
const running = new Set();
/** The exit code for the signal that interrupted setup; undefined if none did. */
let interruptedWith;

// The steps end, and setup with them, when their installers have ended: the next setup must not meet one that still writes.
for (const [signal, exitCode] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
]) {
  process.on(signal, () => {
    if (running.size === 0 || interruptedWith !== undefined) return;
    interruptedWith = exitCode;
    signalAll("SIGTERM");
    setTimeout(signalAll, GRACE_MS, "SIGKILL").unref();
  });
}

function signalAll(signal) {
  for (const child of running) child.kill(signal);
}

/** An unfinished step has no stamp and runs again next time. */
const interruption = () =>
  new Problem("Setup was interrupted.", "To continue, run the same command again.", interruptedWith);

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
  if (interruptedWith !== undefined) throw interruption();
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
    if (interruptedWith !== undefined) throw interruption();
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
