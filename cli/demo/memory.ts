/** Measures the memory of a demo: of this process and all of its descendants. */

import { execFileSync } from "node:child_process";
import { hasProc, listProcesses, readProc, treeOf } from "../clouds/processes";

/** Reading the memory of a large process takes the kernel a tenth of a second, so it is not read too often. */
const everyMilliseconds = 4000;

/** The proportional set size counts memory shared by several processes once; not every system permits reading it. */
function bytesFromProc(pid: number): number {
  const rollup = readProc(`/proc/${pid}/smaps_rollup`);
  const share = /^Pss:\s+(\d+) kB/m.exec(rollup ?? "")?.[1];
  const resident = share ?? /^VmRSS:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(resident ?? 0) * 1024;
}

/** The memory of a process and its descendants, in bytes. */
export function treeMemory(root: number): number {
  const tree = treeOf(root, listProcesses()).map(({ pid }) => pid);
  if (hasProc) return tree.reduce((sum, pid) => sum + bytesFromProc(pid), 0);
  const rows = execFileSync("ps", ["-axo", "pid=,rss="], { encoding: "utf8" }).trim().split("\n");
  const resident = new Map<number, number>();
  for (const [pid = 0, kilobytes = 0] of rows.map((row) => row.trim().split(/\s+/).map(Number)))
    resident.set(pid, kilobytes);
  return tree.reduce((sum, pid) => sum + (resident.get(pid) ?? 0) * 1024, 0);
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
