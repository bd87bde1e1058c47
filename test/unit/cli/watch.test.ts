import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Watch, watchFolders } from "../../../cli/shared/watch";

let folder: string;
let watch: Watch | undefined;
let seen: string[][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daybreak-watch-"));
  seen = [];
});
afterEach(async () => {
  await watch?.close();
  rmSync(folder, { recursive: true, force: true });
});

const save = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), String(Math.random()));
};
const until = async (done: () => boolean) => {
  while (!done()) await sleep(10);
};

async function watching(work: () => Promise<void> = async () => undefined): Promise<void> {
  watch = watchFolders([folder], async (changed) => {
    seen.push(changed.map((path) => basename(path)));
    await work();
  });
  await watch.ready;
}

test("files saved together are one change, and files that are not watched are ignored", async () => {
  await watching();
  mkdirSync(join(folder, "__pycache__"));

  save("b.py", "a.sql", "a.sql", "notes.txt", "__pycache__/a.py");
  await until(() => seen.length > 0);

  expect(seen).toEqual([["a.sql", "b.py"]]);
});

test("files saved during an update are handled in the next one, and updates never overlap", async () => {
  let atOnce = 0;
  let most = 0;
  await watching(async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await sleep(200);
    atOnce -= 1;
  });

  save("a.ts");
  await until(() => seen.length === 1);
  save("b.ts");
  await until(() => seen.length === 2);

  expect(seen).toEqual([["a.ts"], ["b.ts"]]);
  expect(most).toBe(1);
});
