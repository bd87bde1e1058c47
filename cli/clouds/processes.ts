/** Processes, identified by pid and start time: the system gives the pid of an ended process to another one. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { codeOf } from "../shared/problem";

export interface ProcessIdentity {
  pid: number;
  /** The start time in the system's own notation; compared, never computed with. */
  started: string;
}

export interface ProcessInfo extends ProcessIdentity {
  parent: number;
}

/** A process with its command line, by which its role is recognised. */
export interface RunningProcess extends ProcessInfo {
  command: string;
}

/** Whether this system shows its processes in /proc, as Linux does. */
export const hasProc = existsSync("/proc/self/stat");
/** The columns that `parsePs` reads. */
const psColumns = "pid=,ppid=,state=,lstart=,command=";
const largestList = 64 * 1024 * 1024;

/** Reads a file of /proc; undefined if the process has ended, perhaps since it was listed. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Parses /proc/<pid>/stat (see proc(5)); undefined for a zombie, which has ended. */
export function parseStat(text: string): ProcessInfo | undefined {
  // The command, in parentheses, may itself contain spaces and parentheses.
  const [state, parent, ...others] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const started = others[17];
  if (started === undefined || state === "Z" || state === "X") return undefined;
  return { pid: Number.parseInt(text, 10), parent: Number(parent), started };
}

/** Parses the output of `ps -o pid=,ppid=,state=,lstart=,command=`; leaves zombies out. */
export function parsePs(text: string): RunningProcess[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, state, started, command = ""] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+\S+\s+\d+)(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    if (state === undefined || started === undefined || state.startsWith("Z")) return [];
    return [{ pid: Number(pid), parent: Number(parent), started, command }];
  });
}

function ps(...selection: string[]): RunningProcess[] {
  try {
    // The start time is printed in the local time zone and language.
    const env = { ...process.env, TZ: "UTC", LC_ALL: "C" };
    return parsePs(
      execFileSync("ps", [...selection, "-o", psColumns], { encoding: "utf8", env, maxBuffer: largestList }),
    );
  } catch (error) {
    // ps exits with 1 if no process matches.
    if (typeof error === "object" && error !== null && Reflect.get(error, "status") === 1) return [];
    throw error;
  }
}

function fromProc(pid: number): ProcessInfo | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** All running processes. */
export function listProcesses(): RunningProcess[] {
  if (!hasProc) return ps("-axww");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = fromProc(Number(name));
      // The arguments end with NUL; a process of the kernel has none.
      const command = readProc(`/proc/${name}/cmdline`)?.replaceAll("\0", " ").trimEnd();
      return found === undefined || command === undefined ? [] : [{ ...found, command }];
    });
}

/** The identity of the process that has this pid now. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const found = hasProc ? fromProc(pid) : ps("-p", String(pid))[0];
  return found === undefined ? undefined : { pid: found.pid, started: found.started };
}

/** Whether this very process is still running, not merely one with its pid. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  return identityOf(pid)?.started === started;
}

/** A process and its descendants, parents first. */
export function treeOf<Info extends Pick<ProcessInfo, "pid" | "parent">>(
  root: number,
  processes: readonly Info[],
): Info[] {
  const tree = processes.filter(({ pid }) => pid === root);
  for (let at = 0; at < tree.length; at += 1) tree.push(...processes.filter(({ parent }) => parent === tree[at]?.pid));
  return tree;
}

/** Signals a process, never another one that has its pid by now; false if it has ended. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    // It ended in between.
    if (codeOf(error) === "ESRCH") return false;
    throw error;
  }
}
