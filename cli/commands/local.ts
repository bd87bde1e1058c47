import { awsVariables, localStatus, shellCommandsFor } from "@daybreak/local";
import type { Command } from "commander";
import { endCloud } from "../clouds/end";
import { chosenPort } from "../clouds/port";
import { type CloudRegistry, type LocalCloud, localClouds } from "../clouds/registry";
import { printResult } from "../shared/output";
import { CommandProblem, messageOf } from "../shared/problem";
import { jsonOption, runningPortOption } from "./options";

interface LocalOptions {
  port?: number;
  json: boolean;
}

interface StatusOptions extends LocalOptions {
  credentials: boolean;
}

interface DownOptions extends LocalOptions {
  all: boolean;
}

/** The commands that show and stop local clouds. */
export function addLocal(program: Command, registry: CloudRegistry = localClouds): void {
  program
    .command("status")
    .description("show the local clouds that are running")
    .addOption(runningPortOption())
    .option("--credentials", "print the variables that direct the AWS CLI and SDKs to one, for eval", false)
    .addOption(jsonOption())
    .action((options: StatusOptions) => status(options, registry));
  program
    .command("down")
    .description("stop a local cloud and everything that it started")
    .addOption(runningPortOption().conflicts("all"))
    .option("--all", "stop all local clouds", false)
    .addOption(jsonOption())
    .action((options: DownOptions) => down(options, registry));
}

async function status(options: StatusOptions, registry: CloudRegistry): Promise<void> {
  const port = chosenPort(options.port);
  const running = registry.running();
  // Credentials are those of a single cloud; without them and without --port, all clouds are shown.
  const chosen = port === undefined && !options.credentials ? running : [registry.choose(port)];
  const clouds = chosen.flatMap((cloud) => cloud ?? []);
  const [first] = clouds;
  if (first === undefined) {
    throw new CommandProblem("No local cloud is running.", "Start one: npx daybreak up");
  }
  if (options.credentials) {
    const variables = awsVariables(first);
    printResult(variables, options, () => shellCommandsFor(variables));
    return;
  }
  const shown = await Promise.all(
    clouds.map(async (cloud) => ({
      ...cloud,
      held: registry.holder(cloud.port) ?? null,
      status: await localStatus(cloud).catch((error: unknown) => ({ error: messageOf(error) })),
    })),
  );
  printResult(shown, options, () => shown.map((cloud) => describe(cloud, shown.length === 1)).join("\n"));
}

type Shown = LocalCloud & { held: { command: string; pid: number } | null; status: unknown };

function describe(cloud: Shown, inDetail: boolean): string {
  const { endpoint, pid, pipelines, startedAt, startedBy, held } = cloud;
  const since = startedAt.slice(0, 16).replace("T", " ");
  const lines = [
    `The local cloud at ${endpoint} (process ${pid}, started by ${startedBy} at ${since} UTC) runs ${pipelines.join(", ")}.`,
  ];
  if (held !== null) lines.push(`  The command ${held.command} (process ${held.pid}) is working on it.`);
  if (inDetail) lines.push(JSON.stringify(cloud.status, null, 2));
  return lines.join("\n");
}

interface Ended {
  port: number;
  endpoint: string;
  /** How many processes have ended; 0 if the cloud had ended already. */
  processes: number;
}

async function down(options: DownOptions, registry: CloudRegistry): Promise<void> {
  const ended: Ended[] = [];
  const problems: string[] = [];
  for (const { port } of toEnd(options, registry)) {
    try {
      ended.push(...(await end(port, registry)));
    } catch (error) {
      if (!options.all || !(error instanceof CommandProblem)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new CommandProblem(problems.join("\n"));
  printResult(ended, options, () =>
    ended.length === 0
      ? "No local cloud is running."
      : ended
          .map(({ endpoint, processes }) =>
            processes > 0
              ? `The local cloud at ${endpoint} has stopped (${processes} processes).`
              : `The local cloud at ${endpoint} had ended already; what it left is removed.`,
          )
          .join("\n"),
  );
}

/** The clouds to stop. A cloud that has already ended is included only with --all or if --port names it. */
function toEnd({ port, all }: DownOptions, registry: CloudRegistry): LocalCloud[] {
  const known = [...registry.running(), ...registry.ended()];
  if (all) return known;
  const chosen = chosenPort(port);
  return chosen === undefined ? [registry.choose(undefined) ?? []].flat() : known.filter((one) => one.port === chosen);
}

async function end(port: number, registry: CloudRegistry): Promise<Ended[]> {
  return registry.hold(port, "down", async () => {
    const cloud = registry.find(port);
    const left = registry.ended().find((one) => one.port === port);
    const processes = cloud === undefined ? 0 : await endCloud(cloud);
    registry.clear(port);
    const { endpoint } = cloud ?? left ?? {};
    return endpoint === undefined ? [] : [{ port, endpoint, processes }];
  });
}
