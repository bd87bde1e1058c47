/** The commands that deploy the stack to a local cloud: once (`up`), or whenever a file is saved (`dev`). */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DeploymentSummary, dataWouldBeLost, type PlannedStep } from "@daybreak/local";
import type { Command } from "commander";
import type { StackOutputs } from "../../contracts/stack-outputs";
import { preflightRun } from "../../setup/preflight.mjs";
import { listPipelines } from "../../spec/load";
import { type LaunchOptions, launchCloud } from "../clouds/launch";
import { chosenPort } from "../clouds/port";
import { type LocalCloud, localClouds } from "../clouds/registry";
import { confirm } from "../shared/ask";
import { deployStack, postAlertsTo } from "../shared/deployment";
import { endingOnSignal } from "../shared/interrupt";
import { duration, printResult, say } from "../shared/output";
import { repositoryRoot, shownPath, typedPath } from "../shared/paths";
import { CommandProblem, codeOf, messageOf, UsageProblem } from "../shared/problem";
import { address } from "../shared/session";
import { watchFolders } from "../shared/watch";
import { jsonOption, pipelinesFolder, portOption, readPipeline } from "./options";
import { pulumiFolder } from "./pulumi";

interface UpOptions {
  pipeline?: string[];
  pipelines?: string;
  port?: number;
  yes: boolean;
  json: boolean;
}

interface Updated {
  cloud: LocalCloud;
  outputs: StackOutputs;
  summary: DeploymentSummary;
}

export function addUp(program: Command): void {
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option("--pipeline <name...>", "a pipeline to deploy (default: those already deployed, or all)")
      .addOption(portOption())
      .option("--pipelines <folder>", "the folder that contains the pipelines (default: pipelines/)")
      .option("--yes", "replace and delete resources that hold data without asking", false)
      .addOption(jsonOption());
  command("up", "deploy the stack to the local cloud; start one first if none is running")
    .addHelpText(
      "after",
      `
Only changed resources are updated, and the data stays. If a change would lose data, the command asks first.

Example, one day of the simulated shop step by step:
  npx daybreak up --pipeline shop-churn
  npx daybreak simulate shop.jsonl
  npx daybreak feed shop-churn shop.jsonl --to 2025-04-14
  npx daybreak run shop-churn --as-of 2025-04-14 --mode train
  npx daybreak approve shop-churn 1 --reason "looks right"
  npx daybreak down`,
    )
    .action(up);
  command("dev", "deploy as `up` does, then again whenever a file is saved, until Ctrl-C").action(dev);
}

async function up(options: UpOptions): Promise<void> {
  const { cloud, outputs, summary } = await bringUp(options);
  const { endpoint, pid, port, pipelines } = cloud;
  printResult({ endpoint, pid, pipelines, deployment: summary, outputs }, options, () => {
    return [
      `${counts(summary)} in ${duration(summary.seconds)}; the local cloud runs at ${endpoint}.`,
      localClouds.running().length > 1
        ? `Several local clouds are running; commands address this one with --port ${port}.`
        : "Commands such as feed, run, models and predict find it by themselves. To see it: npx daybreak status",
    ].join("\n");
  });
}

/** The folders with the stack's sources. */
const watched = ["lambdas", "glue-scripts", "model", "infra", "spec", "contracts"];

async function dev(options: UpOptions): Promise<void> {
  const { cloud } = await bringUp(options);
  const folders = [...watched.map((folder) => join(repositoryRoot, folder)), cloud.pipelinesFolder];
  const watch = watchFolders(folders, async (changed) => {
    const [first = "", ...others] = changed;
    say(`\n${shownPath(first)}${others.length > 0 ? ` and ${others.length} more` : ""} changed`);
    if (localClouds.find(cloud.port)?.pid !== cloud.pid) {
      say(`  The local cloud at ${cloud.endpoint} has ended. End the watch with Ctrl-C, and start it again.`);
      return;
    }
    const started = performance.now();
    try {
      const { summary } = await bringUp({ ...options, port: cloud.port, json: true });
      say(`  ${counts(summary)}: live after ${duration((performance.now() - started) / 1000)}`);
    } catch (error) {
      say(`  ${messageOf(error).replaceAll("\n", "\n  ")}\n  The cloud keeps running; save a file to try again.`);
    }
  });
  await watch.ready;
  say(
    `Watching ${watched.join(", ")} and ${shownPath(cloud.pipelinesFolder)}. Ctrl-C stops watching; the cloud keeps running.`,
  );
  await new Promise<void>((resolve) => process.once("SIGINT", resolve));
  await watch.close();
}

/** Deploys to the running local cloud, or to a new one. */
async function bringUp(options: UpOptions): Promise<Updated> {
  const port = localClouds.portToUse(chosenPort(options.port));
  return localClouds.hold(port, "up", () => endingOnSignal("The deployment", () => bringUpAt(port, options)));
}

async function bringUpAt(port: number, options: UpOptions): Promise<Updated> {
  const running = localClouds.find(port);
  const folder = options.pipelines ? typedPath(options.pipelines) : (running?.pipelinesFolder ?? pipelinesFolder);
  const pipelines = options.pipeline ?? running?.pipelines ?? listPipelines(folder);
  if (pipelines.length === 0) throw new UsageProblem(`There is no pipeline in ${folder}.`);
  for (const name of pipelines) readPipeline(folder, name);
  if (running === undefined)
    return start({ port, command: "up", pipelines, pipelinesFolder: folder, keep: true }, options);
  if (existsSync(pulumiFolder(running))) {
    throw new CommandProblem(
      `The local cloud at ${running.endpoint} is deployed with the Pulumi CLI.`,
      `Continue with it (npx daybreak pulumi up), or end the cloud first: npx daybreak down --port ${port}`,
    );
  }
  address(running);
  const cloud = { ...running, pipelines, pipelinesFolder: folder };
  const deployed = await deployTo(cloud, options);
  localClouds.write(cloud);
  return { cloud, ...deployed };
}

async function start(launch: LaunchOptions, options: UpOptions): Promise<Updated> {
  await preflightRun({});
  say("Starting the local cloud");
  const { cloud, entry } = await launchCloud(localClouds, launch);
  try {
    address(entry);
    say("Deploying the stack");
    const deployed = await deployTo(entry, options);
    cloud.release();
    return { cloud: entry, ...deployed };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

/** Deploys. If data would be lost, asks the user to confirm. */
async function deployTo(cloud: LocalCloud, options: UpOptions): Promise<Omit<Updated, "cloud">> {
  const { pipelines, pipelinesFolder: folder } = cloud;
  const deploy = (yes: boolean) =>
    deployStack({
      cloud,
      folder: join(dirname(cloud.home), "deploy"),
      pipelines,
      pipelinesFolder: folder,
      yes,
      onPlan: sayPlan,
      onProgress: () => undefined,
    });
  let deployed: Omit<Updated, "cloud">;
  try {
    deployed = await deploy(options.yes);
  } catch (error) {
    const mayAsk = codeOf(error) === dataWouldBeLost && !options.json;
    if (!mayAsk || !(await confirm(`${messageOf(error)}\nContinue anyway?`))) throw error;
    deployed = await deploy(true);
  }
  const { outputs, summary } = deployed;
  if (summary.created + summary.replaced > 0) await postAlertsTo(cloud, outputs);
  return deployed;
}

const signs = { create: "+", update: "~", replace: "+-", delete: "-" } as const;

/** Prints the planned changes like Pulumi's preview, unless the whole stack is new. */
function sayPlan(steps: PlannedStep[]): void {
  if (steps.every(({ action }) => action === "create")) return;
  for (const { action, name, because } of steps) {
    const why = because.length > 0 ? `  [${because.join(", ")}]` : "";
    say(`  ${signs[action].padEnd(2)} ${action.padEnd(7)} ${name}${why}`);
  }
}

/** Such as "2 updated, 1 replaced, 146 unchanged". */
function counts(summary: DeploymentSummary): string {
  const said = (["created", "updated", "replaced", "deleted", "unchanged"] as const).filter(
    (what) => summary[what] > 0,
  );
  return said.map((what) => `${summary[what]} ${what}`).join(", ");
}
