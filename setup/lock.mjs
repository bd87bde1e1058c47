/** A lock file with the holder's process ID, so that only one setup runs at a time. A dead holder's lock is taken over. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process is running under another user.
    return error.code === "EPERM";
  }
}

function tryToTake(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  }
}

function holder(path) {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Runs `work` while holding the lock at `path`.
 * @param {string} path
 * @param {(pid: number) => void} onWait called once with the holder's process ID if another process holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @template T
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryToTake(path)) {
    const pid = holder(path);
    if (pid === undefined) continue;
    // An empty file means that its holder is about to write its ID, so treat it as alive.
    if (!Number.isNaN(pid) && !isRunning(pid)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!told && !Number.isNaN(pid)) onWait(pid);
    told = true;
    await sleep(200);
  }
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}
