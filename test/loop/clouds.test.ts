import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, localStatus } from "@daybreak/local";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { endCloud } from "../../cli/clouds/end";
import { launchCloud } from "../../cli/clouds/launch";
import { identityOf, isAlive, listProcesses, type ProcessInfo, treeOf } from "../../cli/clouds/processes";
import { CloudRegistry, type LocalCloud } from "../../cli/clouds/registry";

let folder: string;
let registry: CloudRegistry;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daybreak-clouds-"));
  registry = new CloudRegistry(join(folder, "clouds"));
});
afterEach(async () => {
  for (const cloud of registry.running()) await endCloud(cloud);
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function launch(): Promise<LocalCloud> {
  const options = { command: "up", pipelines: ["cdnow"], pipelinesFolder: join(folder, "pipelines"), keep: true };
  const { cloud, entry } = await launchCloud(registry, { ...options, port: await freePort() });
  cloud.release();
  return entry;
}

async function waitFor<Found>(look: () => Found | undefined | false): Promise<Found> {
  const until = Date.now() + 60_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error("it did not happen within 60 s");
    await sleep(100);
  }
}

/** A cloud's processes once Spark has started: the cloud, the Spark worker and its JVM, without helpers that soon end. */
function wholeFamily({ pid }: LocalCloud): Promise<ProcessInfo[]> {
  let since = Date.now();
  let last = "";
  return waitFor(() => {
    const family = treeOf(pid, listProcesses());
    const now = family.map((member) => member.pid).join();
    if (now !== last) since = Date.now();
    last = now;
    return family.length >= 3 && Date.now() - since > 2000 && family;
  });
}

describe("two local clouds", () => {
  test("end apart from each other: one by `down`, with all its processes; the other by a crash, with all of its", async () => {
    const [one, other] = [await launch(), await launch()];
    // A helper of the first may have ended while the second was waited for.
    const families = [await wholeFamily(one), await wholeFamily(other)];
    const [familyOfOne = [], familyOfOther = []] = families.map((family) => family.filter(isAlive));

    expect(await endCloud(one)).toBeGreaterThanOrEqual(familyOfOne.length);
    expect(familyOfOne.filter(isAlive)).toEqual([]);
    expect(registry.running()).toEqual([other]);
    expect(familyOfOther.every(isAlive)).toBe(true);
    await expect(localStatus(other)).resolves.toBeDefined();

    process.kill(other.pid, "SIGKILL");
    await waitFor(() => familyOfOther.every((member) => !isAlive(member)));
    expect(registry.running()).toEqual([]);
  });
});

describe("what does not end when it is told to", () => {
  /** A process that ignores SIGTERM, with a child that does so in a session of its own. */
  const stubborn = `
    const ignore = 'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000);';
    const child = require("node:child_process").spawn(process.execPath, ["-e", ignore], { detached: true, stdio: "ignore" });
    eval(ignore);
    console.log(child.pid);`;

  test("is ended by force, children included", async () => {
    const parent = spawn(process.execPath, ["-e", stubborn], { stdio: ["ignore", "pipe", "ignore"] });
    started.push(parent);
    const [line] = await once(createInterface(parent.stdout), "line");
    const child = identityOf(Number(line));
    const identity = identityOf(parent.pid ?? 0);
    if (child === undefined || identity === undefined) throw new Error("the processes have not started");
    const port = await freePort();
    const cloud: LocalCloud = {
      ...{
        ...identity,
        port,
        endpoint: `http://127.0.0.1:${port}`,
        home: folder,
        pipelines: [],
        pipelinesFolder: folder,
      },
      ...{ startedAt: new Date().toISOString(), startedBy: "up" },
    };

    expect(await endCloud({ ...cloud, started: "1" }, 500)).toBe(0);
    expect([isAlive(identity), isAlive(child)]).toEqual([true, true]);
    expect(await endCloud(cloud, 500)).toBe(2);
    expect([isAlive(identity), isAlive(child)]).toEqual([false, false]);
  });
});
