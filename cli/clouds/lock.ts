/**
 * A lock that one command at a time holds, and that ends with the command's process, however that ends.
 *
 * Each command writes a claim of its own and then looks for others: of two commands, at least one sees the other and
 * withdraws. No claim is ever taken over, so anyone can remove a claim whose process has ended, at any time.
 */
import { randomUUID } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "../shared/json-file";
import { codeOf } from "../shared/problem";
import { identityOf, isAlive } from "./processes";

const claimSchema = z.object({ pid: z.number().int(), started: z.string(), command: z.string(), since: z.string() });
/** The command that holds a lock. */
export type LockHolder = z.infer<typeof claimSchema>;

/** Two commands that start at the same time may both withdraw; each tries again after a random pause. */
const attempts = 8;
const longestPauseMilliseconds = 200;

/**
 * Runs `work` while holding the lock.
 *
 * @param folder where the claims are kept
 * @param command the command's name, for the messages of other commands
 * @param held makes the error to throw while another command holds the lock
 */
export async function withLock<Result>(
  folder: string,
  command: string,
  held: (holder: LockHolder) => Error,
  work: () => Promise<Result>,
): Promise<Result> {
  const own = identityOf(process.pid);
  if (own === undefined) throw new Error("this process cannot read its own start time");
  const claim = join(folder, `${randomUUID()}.json`);
  const release = () => rmSync(claim, { force: true });
  for (let attempt = 1; ; attempt += 1) {
    writeJsonFile(claim, { ...own, command, since: new Date().toISOString() } satisfies LockHolder);
    const holder = lockHolder(folder, claim);
    if (holder === undefined) break;
    release();
    if (attempt === attempts) throw held(holder);
    await sleep(Math.random() * longestPauseMilliseconds);
  }
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** The command that holds the lock now, other than by the claim `except`. */
export function lockHolder(folder: string, except?: string): LockHolder | undefined {
  const alive = claims(folder).flatMap((path) => {
    const claim = path === except ? undefined : readJsonFile(path, claimSchema);
    if (claim === undefined || isAlive(claim)) return claim ?? [];
    rmSync(path, { force: true });
    return [];
  });
  // Later claims are of commands that are about to withdraw.
  return alive.sort((one, other) => one.since.localeCompare(other.since))[0];
}

function claims(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith(".json") ? [join(folder, name)] : []));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
