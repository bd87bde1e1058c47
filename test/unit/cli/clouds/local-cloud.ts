import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf } from "../../../../cli/clouds/processes";
import type { LocalCloud } from "../../../../cli/clouds/registry";

/** The entry of a local cloud. Its process is the test's own, so that it counts as running. */
export function localCloud(more: Partial<LocalCloud> = {}): LocalCloud {
  const port = more.port ?? 4600;
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    pid: process.pid,
    started: identityOf(process.pid)?.started ?? "",
    home: `/nowhere/${port}/cloud`,
    pipelines: ["cdnow"],
    pipelinesFolder: "/nowhere/pipelines",
    startedAt: "2025-11-27T21:46:13.000Z",
    startedBy: "up",
    ...more,
  };
}

/** The folder of a cloud with the credentials that it makes when it starts. */
export function cloudHome(folder: string): string {
  const home = join(folder, "cloud");
  mkdirSync(home, { recursive: true });
  const credentials = { accessKeyId: "root", secretAccessKey: "secret", slackToken: "token" };
  writeFileSync(join(home, "credentials.json"), JSON.stringify(credentials));
  return home;
}

/** What is left of a cloud whose process has ended, and whose pid another process, this one, has got since. */
export const ended = (more: Partial<LocalCloud> = {}) => localCloud({ ...more, started: "1" });
