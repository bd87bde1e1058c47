/** Checks that would otherwise fail late: Node version, disk space, memory and port. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { ROOT } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const GIGABYTE = 1024 ** 3;
const OLDEST_NODE = 20;
export const DISK_FOR_SETUP_GB = 3;
export const DISK_FOR_RUN_GB = 1;
const MEMORY_FOR_RUN_GB = 4;

export function checkNode(version = process.versions.node) {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new Problem(
    `Node ${OLDEST_NODE} or later is required; this is ${version}.`,
    "Install a current Node.js, for example with nvm install --lts.",
  );
}

export function checkDisk(neededGigabytes, free = freeDisk()) {
  if (free >= neededGigabytes * GIGABYTE) return;
  throw new Problem(
    `${neededGigabytes} GB of free disk space is required for the repository; ${(free / GIGABYTE).toFixed(1)} GB is free.`,
    "Free some space, or clone the repository to a larger disk.",
  );
}

export function freeDisk() {
  const { bavail, bsize } = statfsSync(ROOT);
  return bavail * bsize;
}

export function checkMemory(free = freeMemory()) {
  if (free >= MEMORY_FOR_RUN_GB * GIGABYTE) return;
  throw new Problem(
    `${MEMORY_FOR_RUN_GB} GB of free memory is required for Spark and the local cloud; ${(free / GIGABYTE).toFixed(1)} GB is free.`,
    "Close other programs, or use a machine with more memory.",
  );
}

/** MemAvailable, which includes caches that Linux can reclaim. On systems without /proc/meminfo: the total memory. */
export function freeMemory() {
  if (existsSync("/proc/meminfo")) {
    const found = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"));
    if (found !== null) return Number(found[1]) * 1024;
  }
  return totalmem();
}

export async function checkPort(port) {
  const code = await new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error.code));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return;
  const why = code === "EADDRINUSE" ? "in use" : `not available (${code})`;
  throw new Problem(
    `Port ${port} on 127.0.0.1 is ${why}.`,
    `Stop the program that uses it (the local clouds: npx daybreak status), or use another port: --port ${port === 4600 ? 4700 : 4600}`,
  );
}

export function preflightSetup() {
  checkNode();
  checkDisk(DISK_FOR_SETUP_GB);
}

/** @param {{port?: number}} options */
export async function preflightRun({ port }) {
  if (port !== undefined) await checkPort(port);
  checkMemory();
  checkDisk(DISK_FOR_RUN_GB);
}
