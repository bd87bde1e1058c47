/** Child processes that speak JSON lines on stdout and log on stderr. */
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { localFolder } from "./paths";

const linesShown = 12;

export interface ChildOptions {
  command: string;
  args: string[];
  /** Where its stderr goes, and what it prints on stdout that is no JSON. */
  log: string;
  env?: NodeJS.ProcessEnv;
  onLine: (value: unknown) => void;
}

const running = new Set<ChildProcess>();

/** Starts a child process; whoever started it ends it. */
export function startChild(options: ChildOptions): ChildProcess {
  mkdirSync(dirname(options.log), { recursive: true });
  // A file, not a pipe: a child that is left running must not lose its reader.
  const log = openSync(options.log, "a");
  const child = spawn(options.command, options.args, {
    cwd: localFolder,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", log],
    // Its own group: Ctrl-C in the terminal reaches this process alone, which then ends the child in good order.
    detached: true,
  });
  closeSync(log);
  running.add(child);
  child.once("exit", () => running.delete(child));
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

/** The end of a log, for the message that says a child failed. */
export function endOfLog(path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-linesShown).join("\n");
  } catch (error) {
    return `(no log: ${String(error)})`;
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Ends a child: asks first, and insists when it has not gone after a while. */
export async function endChild(child: ChildProcess, graceMilliseconds = 15_000): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const closed = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await Promise.race([closed, sleep(graceMilliseconds, undefined, { ref: false })]);
  if (!hasEnded(child)) killGroup(child.pid);
  await Promise.race([closed, sleep(2000, undefined, { ref: false })]);
}

/** Ends every child that still runs: the person does not want to wait. */
export async function endChildren(): Promise<void> {
  await Promise.all([...running].map((child) => endChild(child)));
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // The group went between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
