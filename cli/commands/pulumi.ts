/** Runs the Pulumi CLI against the local cloud: the real engine, with its diffs, on the same adapters as `up`. */
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Cloud, pulumi, pulumiOutputs, useLocalCloud } from "@daybreak/local";
import type { Command } from "commander";
import { stackOutputs } from "../../contracts/stack-outputs";
import { listPipelines } from "../../spec/load";
import { environment, localConfig, postAlertsTo } from "../shared/deployment";
import { say } from "../shared/output";
import { daybreakHome, repositoryRoot } from "../shared/paths";
import { CommandProblem } from "../shared/problem";
import { type LocalCloud, leaveRunning, runningLocalCloud } from "../shared/session";
import { pipelinesFolder, portOption } from "./options";

export function addPulumi(program: Command): void {
  program
    .command("pulumi")
    .description("run the Pulumi CLI against the local cloud: preview, up, destroy, ...")
    .argument("<command...>", "a command of the Pulumi CLI, with its options")
    .addOption(portOption())
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[], { port }: { port: number }) => {
      const cloud = runningLocalCloud() ?? (await startEmpty(port));
      if (existsSync(join(dirname(cloud.home), "deploy"))) {
        throw new CommandProblem(
          `The local cloud at ${cloud.endpoint} was deployed with \`up\`; the Pulumi CLI has no state for it.`,
          "Stop it first: npx daybreak down",
        );
      }
      const options = {
        cloud,
        folder: pulumiFolder(cloud),
        program: repositoryRoot,
        project: "daybreak",
        stack: environment,
        config: localConfig(cloud.pipelines, cloud.pipelinesFolder),
      };
      process.exitCode = await pulumi(args, options);
      if (args[0] !== "up" || process.exitCode !== 0) return;
      useLocalCloud(cloud);
      await postAlertsTo(cloud, stackOutputs.parse(await pulumiOutputs(options)));
    });
}

/** The folder of the Pulumi CLI's project and state for a local cloud. */
export function pulumiFolder(cloud: LocalCloud): string {
  return join(dirname(cloud.home), "pulumi");
}

async function startEmpty(port: number): Promise<LocalCloud> {
  const home = join(daybreakHome, "local");
  rmSync(home, { recursive: true, force: true });
  say("Starting the local cloud");
  const cloud = await Cloud.start({ port, home: join(home, "cloud"), keep: true });
  const pipelines = listPipelines(pipelinesFolder);
  leaveRunning(cloud, pipelines, pipelinesFolder);
  const { pid, endpoint } = cloud;
  return { pid, port: cloud.port, endpoint, home: cloud.home, pipelines, pipelinesFolder };
}
