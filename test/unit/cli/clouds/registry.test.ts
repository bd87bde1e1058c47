import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { refuseTakenPort } from "../../../../cli/clouds/launch";
import { CloudRegistry } from "../../../../cli/clouds/registry";
import { ended, localCloud } from "./local-cloud";

let folder: string;
let registry: CloudRegistry;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clouds-"));
  registry = new CloudRegistry(join(folder, "clouds"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the registry of local clouds", () => {
  test("is empty before the first", () => {
    expect(registry.running()).toEqual([]);
    expect(registry.choose(undefined)).toBeUndefined();
    expect(registry.portToUse(undefined)).toBe(4566);
  });

  test("knows every cloud by its port, each with a folder of its own", () => {
    const clouds = [localCloud({ port: 4566 }), localCloud({ port: 4600, pipelines: ["shop-churn"] })];
    for (const cloud of [...clouds].reverse()) registry.write(cloud);
    expect(registry.running()).toEqual(clouds);
    expect(registry.find(4600)).toEqual(clouds[1]);
    expect(registry.folderOf(4600)).not.toBe(registry.folderOf(4566));
  });

  test("does not count a cloud whose process has ended, nor take a later process with its pid for it", () => {
    registry.write(ended({ port: 4566 }));
    registry.write(localCloud({ port: 4600 }));
    expect(registry.find(4566)).toBeUndefined();
    expect(registry.running().map(({ port }) => port)).toEqual([4600]);
  });

  test("an entry that another version wrote is named", () => {
    mkdirSync(registry.folderOf(4600), { recursive: true });
    writeFileSync(join(registry.folderOf(4600), "cloud.json"), '{"pid": 1}');
    expect(() => registry.running()).toThrow(/4600\/cloud\.json is not as[\s\S]*port/);
  });
});

describe("a command addresses", () => {
  test("the only cloud that runs", () => {
    registry.write(localCloud({ port: 4600 }));
    expect(registry.choose(undefined)?.port).toBe(4600);
    expect(registry.portToUse(undefined)).toBe(4600);
  });

  test("of several the one that it names, and is refused with the list of them if it names none", () => {
    registry.write(localCloud({ port: 4566, startedBy: "demo" }));
    registry.write(localCloud({ port: 4600, pipelines: ["shop-churn"] }));
    expect(registry.choose(4600)?.port).toBe(4600);
    expect(registry.portToUse(4700)).toBe(4700);
    const both = /2 local clouds[\s\S]*--port 4566: cdnow .*demo[\s\S]*--port 4600: shop-churn/;
    expect(() => registry.choose(undefined)).toThrow(both);
    expect(() => registry.portToUse(undefined)).toThrow(both);
    expect(() => registry.choose(4700)).toThrow(/No local cloud is running at port 4700[\s\S]*--port 4566[\s\S]*4600/);
  });
});

describe("starting a cloud", () => {
  test("where one is running is refused with what to do, and removes nothing", async () => {
    registry.write(localCloud({ port: 4600, startedBy: "demo" }));
    await expect(refuseTakenPort(registry, 4600)).rejects.toThrow(
      /already running at port 4600 \(process \d+, started by demo\)[\s\S]*--port 4700[\s\S]*daybreak down --port 4600/,
    );
    expect(existsSync(join(registry.folderOf(4600), "cloud.json"))).toBe(true);
  });

  test("empties the folder of the one before, but not what locks it", async () => {
    registry.write(ended());
    mkdirSync(join(registry.folderOf(4600), "logs"));
    await registry.hold(4600, "up", async () => {
      registry.clear(4600);
      expect(registry.holder(4600)).toMatchObject({ command: "up" });
    });
    expect(readdirSync(registry.folderOf(4600))).toEqual(["lock"]);
  });

  test("is refused while another command works on the cloud at that port, and not at another port", async () => {
    await registry.hold(4600, "demo", async () => {
      await expect(registry.hold(4600, "up", async () => undefined)).rejects.toThrow(
        /command demo \(process \d+\) is working on the local cloud at port 4600[\s\S]*kill \d+/,
      );
      expect(await registry.hold(4700, "up", async () => "ran")).toBe("ran");
    });
  });
});
