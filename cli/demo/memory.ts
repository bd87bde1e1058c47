/** Measures the memory of a demo: of this process and all of its descendants. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { codeOf } from "../shared/problem";

/** Reading the memory of a large process takes the kernel a tenth of a second, so it is not read too often. */
const everyMilliseconds = 4000;

interface ProcessInfo {
  pid: number;
  parent: number;
}

/** Reads a file of /proc; a process may end between being listed and being read. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function processesFromProc(): ProcessInfo[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readProc(`/proc/${name}/stat`);
      // The command, in parentheses, may contain spaces; the state and the parent's process ID follow it.
      const parent = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      return parent === undefined ? [] : [{ pid: Number(name), parent: Number(parent) }];
    });
}

/** The proportional set size counts memory shared by several processes once; not every system permits reading it. */
function bytesFromProc(pid: number): number {
  const rollup = readProc(`/proc/${pid}/smaps_rollup`);
  const share = /^Pss:\s+(\d+) kB/m.exec(rollup ?? "")?.[1];
  const resident = share ?? /^VmRSS:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(resident ?? 0) * 1024;
}

function treeOf(root: number, processes: readonly ProcessInfo[]): number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of processes) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const tree = [root];
  for (let at = 0; at < tree.length; at += 1) tree.push(...(children.get(tree[at] ?? -1) ?? []));
  return tree;
}

/** The memory of a process and its descendants, in bytes. */
export function treeMemory(root: number): number {
  if (existsSync("/proc/self/stat")) {
    return treeOf(root, processesFromProc()).reduce((sum, pid) => sum + bytesFromProc(pid), 0);
  }
  const rows = execFileSync("ps", ["-axo", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const resident = new Map(rows.map(([pid = 0, , kilobytes = 0]) => [pid, kilobytes * 1024]));
  const processes = rows.map(([pid = 0, parent = 0]) => ({ pid, parent }));
  return treeOf(root, processes).reduce((sum, pid) => sum + (resident.get(pid) ?? 0), 0);
}

/** Records the largest value until it is stopped. */
export class MemoryWatch {
  peak = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(root = process.pid) {
    const look = () => {
      this.peak = Math.max(this.peak, treeMemory(root));
    };
    look();
    this.#timer = setInterval(look, everyMilliseconds);
    this.#timer.unref();
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.peak;
  }
}
