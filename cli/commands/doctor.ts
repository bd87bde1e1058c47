import { spawnSync } from "node:child_process";
import type { Command } from "commander";
import { doctor } from "../../setup/doctor.mjs";
import { type CloudRegistry, type LocalCloud, localClouds } from "../clouds/registry";
import { printResult } from "../shared/output";
import { shownPath } from "../shared/paths";
import { exitCodes } from "../shared/problem";
import { connect } from "../shared/session";
import { jsonOption } from "./options";

interface DoctorOptions {
  aws: boolean;
  environment?: string;
  json: boolean;
}

export function addDoctor(program: Command, registry: CloudRegistry = localClouds): void {
  program
    .command("doctor")
    .description(
      "check what this machine, or an AWS account (--aws), has and what is missing; installs and changes nothing",
    )
    .option("--aws", "check an AWS account before the first deployment, instead of this machine", false)
    .option("--environment <name>", "the environment that is to be deployed there; means --aws (default there: dev)")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Of this machine: what is installed, and the local clouds.
Of an account, with your credentials: the region and its services, quotas, service-linked roles, Lake Formation, Pulumi's
state. What it needs comes from the program and its pipelines. It fails if something would stop the first deployment.

Examples:
  npx daybreak doctor
  npx daybreak doctor --environment prod`,
    )
    .action(async (options: DoctorOptions) => {
      if (options.aws || options.environment !== undefined) return examineAws(options);
      // The checks run before setup too, so they are part of setup and import no package.
      await doctor(options.json, examineClouds(registry), describe);
    });
}

async function examineAws(options: DoctorOptions): Promise<void> {
  const place = await connect({ ...options, aws: true }, "reads");
  // Loading Pulumi and these clients takes a while, and no other command needs them.
  const { examineAccount } = await import("../doctor/examine");
  const { describeExamination } = await import("../doctor/describe");
  const examination = await examineAccount(place, whoami());
  printResult(examination, options, describeExamination);
  process.exitCode = examination.ready ? exitCodes.ok : exitCodes.failed;
}

/** What the Pulumi CLI says of its state; undefined if it is not installed. */
function whoami() {
  const { status, stdout, error } = spawnSync("pulumi", ["whoami", "--json", "--non-interactive"], {
    encoding: "utf8",
  });
  return error === undefined ? { status, stdout } : undefined;
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
