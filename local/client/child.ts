/** Child processes that write JSON lines to stdout and logs to stderr. */
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { localFolder } from "./paths";
import { LocalProblem } from "./problem";

const linesShown = 12;

export interface ChildOptions {
  command: string;
  args: string[];
  /** The file for stderr and for lines on stdout that are not JSON. */
  log: string;
  env?: NodeJS.ProcessEnv;
  onLine: (value: unknown) => void;
}

const running = new Set<ChildProcess>();
let isEnding = false;

/** Makes `endChildren` stop a child process, too. */
export function track(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
}

/** Starts a child process; the caller must stop it. */
export function startChild(options: ChildOptions): ChildProcess {
  if (isEnding) throw new LocalProblem("The command is shutting down and starts no further process.");
  mkdirSync(dirname(options.log), { recursive: true });
  // A file, not a pipe: a child that outlives this process would get EPIPE.
  const log = openSync(options.log, "a");
  const child = spawn(options.command, options.args, {
    cwd: localFolder,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", log],
    // A separate process group: Ctrl-C reaches only this process, which then stops the child cleanly.
    detached: true,
  });
  closeSync(log);
  track(child);
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const value = parseLine(line);
      if (value === undefined) appendFileSync(options.log, `${line}\n`);
      else options.onLine(value);
    });
  }
  return child;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The last lines of a log, for an error message. */
export function endOfLog(path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-linesShown).join("\n");
  } catch (error) {
    return `(no log: ${String(error)})`;
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Stops a child with SIGTERM, then SIGKILL after a timeout. */
export async function endChild(child: ChildProcess, graceMilliseconds = 15_000): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const closed = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await Promise.race([closed, sleep(graceMilliseconds, undefined, { ref: false })]);
  if (!hasEnded(child)) killGroup(child.pid);
  await Promise.race([closed, sleep(2000, undefined, { ref: false })]);
}

/** Stops all running child processes in parallel, and prevents further ones from starting. */
export async function endChildren(): Promise<void> {
  isEnding = true;
  await Promise.all([...running].map((child) => endChild(child)));
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // The process group exited before the signal.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
