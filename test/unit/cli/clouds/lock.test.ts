import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type LockHolder, lockHolder, withLock } from "../../../../cli/clouds/lock";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "lock-")), "lock");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

const held = ({ command }: LockHolder) => new Error(`held by ${command}`);
const hold = <Result>(command: string, work: () => Promise<Result>) => withLock(folder, command, held, work);

test("a second command is refused with the name of the first, and may go on when that has ended", async () => {
  let end: () => void = () => undefined;
  const first = hold("up", () => new Promise<void>((resolve) => (end = resolve)));
  await expect(hold("down", async () => "ran")).rejects.toThrow("held by up");
  expect(lockHolder(folder)).toMatchObject({ command: "up", pid: process.pid });
  end();
  await first;
  expect(await hold("down", async () => "ran")).toBe("ran");
  expect(readdirSync(folder)).toEqual([]);
});

test("the lock is released when its work fails", async () => {
  await expect(hold("up", () => Promise.reject(new Error("no memory")))).rejects.toThrow("no memory");
  expect(lockHolder(folder)).toBeUndefined();
});

test("of commands that start at the same time, one works at a time", async () => {
  let working = 0;
  let most = 0;
  const work = async () => {
    working += 1;
    most = Math.max(most, working);
    await sleep(5);
    working -= 1;
    return true;
  };
  const results = await Promise.allSettled([1, 2, 3, 4].map((number) => hold(`up ${number}`, work)));
  expect(most).toBe(1);
  expect(results.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
});

test("the claim of a process that has ended does not count, even if another process has its pid by now", async () => {
  await hold("up", async () => undefined);
  const stale = { pid: process.pid, started: "1", command: "demo", since: "2025-11-27T21:46:13Z" };
  writeFileSync(join(folder, "stale.json"), JSON.stringify(stale));
  expect(await hold("up", async () => lockHolder(folder)?.command)).toBe("up");
  expect(readdirSync(folder)).toEqual([]);
});
