/**
 * The local clouds of this checkout, by port: `.daybreak/clouds/<port>/` holds everything of the cloud at that port, and
 * `cloud.json` in it says which process it is.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "../shared/json-file";
import { daybreakHome } from "../shared/paths";
import { CommandProblem, codeOf, UsageProblem } from "../shared/problem";
import { type LockHolder, lockHolder, withLock } from "./lock";
import { defaultPort } from "./port";
import { isAlive } from "./processes";

const localCloudSchema = z.object({
  port: z.number().int(),
  endpoint: z.url(),
  pid: z.number().int(),
  /** The start time of the process, which tells it from a later process with the same pid. */
  started: z.string(),
  /** The folder of what the cloud itself writes. */
  home: z.string(),
  pipelines: z.array(z.string()),
  pipelinesFolder: z.string(),
  startedAt: z.string(),
  /** The command that started it: up, demo or pulumi. */
  startedBy: z.string(),
});
export type LocalCloud = z.infer<typeof localCloudSchema>;

const entryFile = "cloud.json";
const lockFolder = "lock";

export class CloudRegistry {
  constructor(private readonly folder = join(daybreakHome, "clouds")) {}

  /** The folder of everything that belongs to the cloud at a port. */
  folderOf(port: number): string {
    return join(this.folder, String(port));
  }

  /** Adds a cloud, or updates its entry. */
  write(cloud: LocalCloud): void {
    writeJsonFile(join(this.folderOf(cloud.port), entryFile), cloud);
  }

  /** The cloud that runs at a port. The entry of a cloud that has ended is ignored; `clear` removes it. */
  find(port: number): LocalCloud | undefined {
    const cloud = this.#entry(port);
    return cloud !== undefined && isAlive(cloud) ? cloud : undefined;
  }

  /** The clouds whose process has ended and whose files are still there, by port. */
  ended(): LocalCloud[] {
    return this.#ports().flatMap((port) => {
      const cloud = this.#entry(port);
      return cloud === undefined || isAlive(cloud) ? [] : cloud;
    });
  }

  /** All clouds that run, by port. */
  running(): LocalCloud[] {
    return this.#ports().flatMap((port) => this.find(port) ?? []);
  }

  /**
   * The cloud that a command addresses: the one at `port`, or the only one that runs; undefined if none runs.
   *
   * @throws UsageProblem if no cloud runs at `port`, or if several run and none is named
   */
  choose(port: number | undefined): LocalCloud | undefined {
    const running = this.running();
    if (port !== undefined) {
      const found = running.find((cloud) => cloud.port === port);
      if (found !== undefined) return found;
      throw new UsageProblem(
        `No local cloud is running at port ${port}.`,
        running.length > 0 ? describeClouds(running) : `Start one: npx daybreak up --port ${port}`,
      );
    }
    if (running.length < 2) return running[0];
    throw new UsageProblem(
      `${running.length} local clouds are running; choose one, such as with --port ${running[0]?.port}`,
      describeClouds(running),
    );
  }

  /**
   * The port for a command that starts a cloud unless one is running: the chosen port, the only cloud's, or the default.
   *
   * @throws UsageProblem if several clouds run and none is named
   */
  portToUse(port: number | undefined): number {
    return port ?? this.choose(undefined)?.port ?? defaultPort;
  }

  /** Removes the entry and all files of the cloud at a port, which must have ended. The caller holds its lock. */
  clear(port: number): void {
    const folder = this.folderOf(port);
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      if (name !== lockFolder) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }

  /** Runs `work` while no other command starts, changes or ends the cloud at a port. */
  hold<Result>(port: number, command: string, work: () => Promise<Result>): Promise<Result> {
    return withLock(join(this.folderOf(port), lockFolder), command, (holder) => beingChanged(port, holder), work);
  }

  /** The command that starts, changes or ends the cloud at a port right now. */
  holder(port: number): LockHolder | undefined {
    return lockHolder(join(this.folderOf(port), lockFolder));
  }

  #entry(port: number): LocalCloud | undefined {
    return readJsonFile(join(this.folderOf(port), entryFile), localCloudSchema);
  }

  #ports(): number[] {
    try {
      return readdirSync(this.folder)
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .sort((one, other) => one - other);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  }
}

/** The registry of this checkout. */
export const localClouds = new CloudRegistry();

/** One line per cloud. */
export function describeClouds(clouds: readonly LocalCloud[]): string {
  return clouds
    .map(
      ({ port, pid, pipelines, startedBy }) =>
        `--port ${port}: ${pipelines.join(", ")} (process ${pid}, started by ${startedBy})`,
    )
    .join("\n");
}

function beingChanged(port: number, { command, pid }: LockHolder): CommandProblem {
  return new CommandProblem(
    `The command ${command} (process ${pid}) is working on the local cloud at port ${port}.`,
    `Wait for it to end, end it with Ctrl-C in its terminal (or: kill ${pid}), or use another port.`,
  );
}
