import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { Command } from "commander";
import { CloudRegistry } from "../../../cli/clouds/registry";
import { addDoctor } from "../../../cli/commands/doctor";
import { addLocal } from "../../../cli/commands/local";
import { cloudHome, ended, localCloud } from "./clouds/local-cloud";

let folder: string;
let registry: CloudRegistry;
let printed: string;
let server: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "local-"));
  registry = new CloudRegistry(join(folder, "clouds"));
  printed = "";
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  server = createServer((_, response) => response.end('{"glue": []}'));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  jest.restoreAllMocks();
  server.close();
  rmSync(folder, { recursive: true });
});

/** A cloud whose control routes this test answers. */
function answering(port: number) {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return localCloud({ port, endpoint, home: cloudHome(folder) });
}

async function daybreak(...args: string[]): Promise<string> {
  const program = new Command();
  addLocal(program, registry);
  addDoctor(program, registry);
  await program.parseAsync(["node", "daybreak", ...args]);
  return printed;
}

describe("doctor", () => {
  test("lists the clouds that run and what others have left, with their folders and what to do", async () => {
    registry.write(answering(4566));
    registry.write(ended({ port: 4600, pipelines: ["shop-churn"] }));
    await registry.hold(4566, "up", async () => {
      const { clouds } = JSON.parse(await daybreak("doctor", "--json"));
      expect(clouds).toEqual([
        expect.objectContaining({
          ...{ port: 4566, pid: process.pid, running: true, pipelines: ["cdnow"], heldBy: "up" },
          folder: registry.folderOf(4566),
          remedy: "If you no longer need it: npx daybreak down --port 4566",
        }),
        expect.objectContaining({
          ...{ port: 4600, running: false, pipelines: ["shop-churn"], heldBy: null },
          remedy: expect.stringMatching(/ to remove them now: npx daybreak down --port 4600$/),
        }),
      ]);
    });
    printed = "";
    const text = await daybreak("doctor");
    expect(text).toMatch(/^✓ Port 4566 +runs cdnow \(process \d+, started by up at .* UTC\); its folder is .*4566\n/m);
    expect(text).toMatch(/^– Port 4600 +has ended \(.*4600\n +The next cloud .*: npx daybreak down --port 4600/m);
    process.exitCode = undefined;
  });

  test("without a cloud says nothing of clouds", async () => {
    expect(await daybreak("doctor")).not.toMatch(/cloud/i);
    process.exitCode = undefined;
  });
});

describe("status", () => {
  test("of one cloud gives its details", async () => {
    registry.write(answering(4566));
    registry.write(ended({ port: 4600, pipelines: ["shop-churn"] }));
    const text = await daybreak("status");
    expect(text).toMatch(/process \d+, started by up at 2025-11-27 21:46 UTC\) runs cdnow\./);
    expect(text).toContain('"glue": []');
    expect(text).not.toContain("shop-churn");
  });

  test("of several lists them all, and what is working on them; one of them by its port", async () => {
    registry.write(answering(4566));
    registry.write({ ...localCloud({ port: 4600 }), endpoint: "http://127.0.0.1:9" });
    await registry.hold(4600, "demo", async () => {
      const [one, other] = JSON.parse(await daybreak("status", "--json"));
      expect(one).toMatchObject({ port: 4566, held: null, status: { glue: [] } });
      expect(other).toMatchObject({ port: 4600, held: { command: "demo" }, status: { error: expect.any(String) } });
    });
    printed = "";
    expect(JSON.parse(await daybreak("status", "--port", "4566", "--json"))).toHaveLength(1);
  });

  test("prints the credentials of one, and asks which where several run", async () => {
    registry.write(answering(4566));
    expect(await daybreak("status", "--credentials")).toMatch(/export AWS_ACCESS_KEY_ID=root/);
    registry.write(answering(4600));
    await expect(daybreak("status", "--credentials")).rejects.toThrow(/2 local clouds/);
  });

  test("of none, or of a port at which none runs, fails with what to do", async () => {
    registry.write(ended());
    await expect(daybreak("status")).rejects.toThrow(/No local cloud is running[\s\S]*npx daybreak up/);
    await expect(daybreak("status", "--port", "4600")).rejects.toThrow(/running at port 4600[\s\S]*up --port 4600/);
  });
});

describe("down", () => {
  test("of what has ended already, or was never there, is no error and signals no process", async () => {
    registry.write(ended());
    expect(await daybreak("down")).toBe("No local cloud is running.\n");
    printed = "";
    expect(JSON.parse(await daybreak("down", "--port", "4566", "--json"))).toEqual([]);
    printed = "";
    expect(JSON.parse(await daybreak("down", "--port", "4600", "--json"))).toMatchObject([
      { port: 4600, processes: 0 },
    ]);
    expect(registry.ended()).toEqual([]);
    registry.write(ended());
    printed = "";
    expect(await daybreak("down", "--all")).toBe(
      "The local cloud at http://127.0.0.1:4600 had ended already; what it left is removed.\n",
    );
    expect(registry.ended()).toEqual([]);
  });

  test("asks which, where several run", async () => {
    registry.write(localCloud({ port: 4566 }));
    registry.write(localCloud({ port: 4600 }));
    await expect(daybreak("down")).rejects.toThrow(/2 local clouds[\s\S]*--port 4566[\s\S]*--port 4600/);
  });

  test("ends no cloud that another command is working on", async () => {
    registry.write(localCloud());
    await registry.hold(4600, "demo", async () => {
      await expect(daybreak("down")).rejects.toThrow(/command demo \(process \d+\) is working on/);
      await expect(daybreak("down", "--all")).rejects.toThrow(/command demo \(process \d+\) is working on/);
    });
  });
});
