/** Starts local clouds. */
import { join } from "node:path";
import { Cloud } from "@daybreak/local";
import { checkPort } from "../../setup/preflight.mjs";
import { CommandProblem, messageOf } from "../shared/problem";
import { identityOf } from "./processes";
import type { CloudRegistry, LocalCloud } from "./registry";

export interface LaunchOptions {
  port: number;
  /** The command that starts it. */
  command: string;
  pipelines: string[];
  pipelinesFolder: string;
  /** Whether the cloud keeps running when this process ends. */
  keep: boolean;
}

/** A cloud that this process has started, and its entry in the registry. */
export interface Launched {
  cloud: Cloud;
  entry: LocalCloud;
}

/** Starts a cloud in an emptied folder. The caller holds the port's lock. */
export async function launchCloud(registry: CloudRegistry, options: LaunchOptions): Promise<Launched> {
  const { port, command, pipelines, pipelinesFolder, keep } = options;
  await refuseTakenPort(registry, port);
  registry.clear(port);
  const startedAt = new Date().toISOString();
  const home = join(registry.folderOf(port), "cloud");
  const entryOf = (pid: number): LocalCloud => {
    const started = identityOf(pid)?.started;
    if (started === undefined) throw new CommandProblem(`The local cloud at port ${port} (process ${pid}) has ended.`);
    const endpoint = `http://127.0.0.1:${port}`;
    return { port, endpoint, pid, started, home, pipelines, pipelinesFolder, startedAt, startedBy: command };
  };
  // Written before the cloud responds, so that `status` and `down` find it even if this process is killed.
  const cloud = await Cloud.start({ port, home, keep, onSpawn: (pid) => registry.write(entryOf(pid)) });
  return { cloud, entry: entryOf(cloud.pid) };
}

/** @throws CommandProblem if a port is in use, with what to do about it */
export async function refuseTakenPort(registry: CloudRegistry, port: number): Promise<void> {
  const running = registry.find(port);
  if (running !== undefined) {
    throw new CommandProblem(
      `A local cloud is already running at port ${port} (process ${running.pid}, started by ${running.startedBy}).`,
      `Use another port: --port ${port === 4600 ? 4700 : 4600}. Or end it first: npx daybreak down --port ${port}`,
    );
  }
  try {
    await checkPort(port);
  } catch (error) {
    throw new CommandProblem(messageOf(error));
  }
}
