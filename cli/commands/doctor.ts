import type { Command } from "commander";
import { doctor } from "../../setup/doctor.mjs";
import { type CloudRegistry, type LocalCloud, localClouds } from "../clouds/registry";
import { shownPath } from "../shared/paths";
import { jsonOption } from "./options";

export function addDoctor(program: Command, registry: CloudRegistry = localClouds): void {
  program
    .command("doctor")
    .description("check what this machine has and what is missing, and list the local clouds; installs nothing")
    .addOption(jsonOption())
    .action(async ({ json }: { json: boolean }) => {
      // The checks run before setup too, so they are part of setup and import no package.
      await doctor(json, examineClouds(registry), describe);
    });
}

type Examined = Pick<LocalCloud, "port" | "pid" | "pipelines" | "startedBy" | "startedAt"> & {
  running: boolean;
  folder: string;
  /** The command that is working on it. */
  heldBy: string | null;
  remedy: string;
};

/** The clouds that run, and those that have ended and whose files are still there. */
function examineClouds(registry: CloudRegistry): Examined[] {
  const examined = (running: boolean) => (cloud: LocalCloud) => {
    const { port, pid, pipelines, startedBy, startedAt } = cloud;
    const heldBy = registry.holder(port)?.command ?? null;
    const down = `npx daybreak down --port ${port}`;
    const remedy = running
      ? `If you no longer need it: ${down}`
      : `The next cloud at this port replaces its files; to remove them now: ${down}`;
    return {
      ...{ port, pid, running, pipelines, startedBy, startedAt },
      folder: registry.folderOf(port),
      heldBy,
      remedy,
    };
  };
  return [...registry.running().map(examined(true)), ...registry.ended().map(examined(false))];
}

function describe({ port, pid, running, pipelines, startedBy, startedAt, folder, heldBy, remedy }: Examined): string {
  const started = `started by ${startedBy} at ${startedAt.slice(0, 16).replace("T", " ")} UTC`;
  const what = running
    ? `runs ${pipelines.join(", ")} (process ${pid}, ${started}${heldBy === null ? "" : `; ${heldBy} is working on it`})`
    : `has ended (${started} for ${pipelines.join(", ")})`;
  return `${running ? "✓" : "–"} ${`Port ${port}`.padEnd(16)} ${what}; its folder is ${shownPath(folder)}\n${" ".repeat(19)}${remedy}`;
}
