/** Runs the Pulumi CLI against the local cloud: the real engine, with its diffs, on the same adapters as `up`. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pulumi, pulumiOutputs } from "@daybreak/local";
import type { Command } from "commander";
import { stackOutputs } from "../../contracts/stack-outputs";
import { preflightRun } from "../../setup/preflight.mjs";
import { listPipelines } from "../../spec/load";
import { launchCloud } from "../clouds/launch";
import { chosenPort } from "../clouds/port";
import { type LocalCloud, localClouds } from "../clouds/registry";
import { environment, localConfig, postAlertsTo } from "../shared/deployment";
import { endingOnSignal } from "../shared/interrupt";
import { say } from "../shared/output";
import { repositoryRoot } from "../shared/paths";
import { CommandProblem } from "../shared/problem";
import { address } from "../shared/session";
import { pipelinesFolder, portOption } from "./options";

export function addPulumi(program: Command): void {
  program
    .command("pulumi")
    .description("run the Pulumi CLI against the local cloud: preview, up, destroy, ...")
    .argument("<command...>", "a command of the Pulumi CLI, with its options")
    .addOption(portOption())
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[], options: { port?: number }) => {
      const port = localClouds.portToUse(chosenPort(options.port));
      await localClouds.hold(port, "pulumi", async () =>
        runPulumi(args, localClouds.find(port) ?? (await start(port))),
      );
    });
}

async function runPulumi(args: string[], cloud: LocalCloud): Promise<void> {
  if (existsSync(join(dirname(cloud.home), "deploy"))) {
    throw new CommandProblem(
      `The local cloud at ${cloud.endpoint} was deployed with \`up\`, so its resources are not in the Pulumi CLI's state.`,
      `End it first (npx daybreak down --port ${cloud.port}), or use another port, such as --port 4600.`,
    );
  }
  const { environmentSettings } = await import("../shared/program");
  const tags = environmentSettings(environment)["aws:defaultTags"];
  const options = {
    cloud,
    folder: pulumiFolder(cloud),
    program: repositoryRoot,
    project: "daybreak",
    stack: environment,
    config: {
      ...localConfig(cloud.pipelines, cloud.pipelinesFolder),
      // The policy pack asks for them.
      ...(tags === undefined ? {} : { "aws:defaultTags": tags }),
    },
  };
  // Ctrl-C also reaches the Pulumi CLI, which then cancels its update.
  process.on("SIGINT", () => undefined);
  process.exitCode = await pulumi(withPolicyPack(args), options);
  if (args[0] !== "up" || process.exitCode !== 0) return;
  address(cloud);
  await postAlertsTo(cloud, stackOutputs.parse(await pulumiOutputs(options)));
}

/** The arguments with the path of the policy pack as seen from here: the Pulumi CLI runs in another folder. */
export function withPolicyPack(args: readonly string[]): string[] {
  return args.map((arg, position) => {
    if (args[position - 1] === "--policy-pack") return resolve(arg);
    const [option, path] = arg.split("=", 2);
    return option === "--policy-pack" && path ? `${option}=${resolve(path)}` : arg;
  });
}

/** Where the Pulumi CLI keeps its project and its state of a cloud. */
export function pulumiFolder(cloud: LocalCloud): string {
  return join(dirname(cloud.home), "pulumi");
}

/** Starts a cloud for all pipelines, with nothing deployed to it. */
async function start(port: number): Promise<LocalCloud> {
  await preflightRun({});
  say("Starting the local cloud");
  const pipelines = listPipelines(pipelinesFolder);
  const options = { port, command: "pulumi", pipelines, pipelinesFolder, keep: true };
  const { cloud, entry } = await endingOnSignal("The start", () => launchCloud(localClouds, options));
  cloud.release();
  return entry;
}
