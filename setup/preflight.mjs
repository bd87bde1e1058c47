/** What would make a run fail later is looked for first, and said at once with what to do. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { ROOT } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const GIGABYTE = 1024 ** 3;
const OLDEST_NODE = 20;
const DISK_FOR_SETUP_GB = 3;
const DISK_FOR_RUN_GB = 1;
const MEMORY_FOR_RUN_GB = 4;

export function checkNode(version = process.versions.node) {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new Problem(
    `Node ${OLDEST_NODE} or later is needed; this is ${version}.`,
    "Install a current Node (nvm install --lts).",
  );
}

export function checkDisk(neededGigabytes, free = freeDisk()) {
  if (free >= neededGigabytes * GIGABYTE) return;
  throw new Problem(
    `${neededGigabytes} GB of free disk is needed where the repository lies; ${(free / GIGABYTE).toFixed(1)} GB is free.`,
    "Free some space, or clone onto a larger disk.",
  );
}

function freeDisk() {
  const { bavail, bsize } = statfsSync(ROOT);
  return bavail * bsize;
}

export function checkMemory(free = freeMemory()) {
  if (free >= MEMORY_FOR_RUN_GB * GIGABYTE) return;
  throw new Problem(
    `${MEMORY_FOR_RUN_GB} GB of free memory is needed to run Spark and the local cloud; ${(free / GIGABYTE).toFixed(1)} GB is free.`,
    "Close what uses it, or run on a larger machine.",
  );
}

/** MemAvailable counts what the system would give back from its caches; where there is none, all memory stands for it. */
function freeMemory() {
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
  const why = code === "EADDRINUSE" ? "in use" : `not to be had (${code})`;
  throw new Problem(
    `Port ${port} on 127.0.0.1 is ${why}.`,
    `End what listens there (perhaps a demo started with --keep: npm run daybreak -- down), or choose another: --port ${port === 4600 ? 4700 : 4600}`,
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
