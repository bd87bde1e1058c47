/** The commands that bring a local cloud to what the sources say: once, or with every save. */
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Cloud, type DeploymentSummary, dataWouldBeLost, type PlannedStep, useLocalCloud } from "@daybreak/local";
import type { Command } from "commander";
import type { StackOutputs } from "../../contracts/stack-outputs";
import { listPipelines } from "../../spec/load";
import { confirm } from "../shared/ask";
import { deployStack, postAlertsTo } from "../shared/deployment";
import { duration, printResult, say } from "../shared/output";
import { daybreakHome, repositoryRoot, shownPath, typedPath } from "../shared/paths";
import { CommandProblem, codeOf, messageOf, UsageProblem } from "../shared/problem";
import { type LocalCloud, leaveRunning, runningLocalCloud, writeRunning } from "../shared/session";
import { watchFolders } from "../shared/watch";
import { jsonOption, pipelinesFolder, portOption, readPipeline } from "./options";
import { pulumiFolder } from "./pulumi";

interface UpOptions {
  pipeline?: string[];
  pipelines?: string;
  port: number;
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
      .option("--pipeline <name...>", "which pipelines (default: those that are deployed, or all)")
      .addOption(portOption())
      .option("--pipelines <folder>", "where the pipeline folders are (default: pipelines/)")
      .option("--yes", "replace and delete even what holds data, without asking", false)
      .addOption(jsonOption());
  command("up", "deploy the stack to the local cloud; start one first if none is running")
    .addHelpText(
      "after",
      `
What changed is updated in place, and the data stays. Where a change would lose data, it asks first.

Example, a day at the shop by hand:
  npx daybreak up --pipeline shop-churn
  npx daybreak simulate shop.jsonl
  npx daybreak feed shop-churn shop.jsonl --to 2025-04-14
  npx daybreak run shop-churn --as-of 2025-04-14 --mode train
  npx daybreak approve shop-churn 1 --reason "looks right"
  npx daybreak down`,
    )
    .action(up);
  command("dev", "deploy as `up` does, then again with every save, until Ctrl-C").action(dev);
}

async function up(options: UpOptions): Promise<void> {
  const { cloud, outputs, summary } = await bringUp(options);
  const { endpoint, pid, pipelines } = cloud;
  printResult({ endpoint, pid, pipelines, deployment: summary, outputs }, options, () => {
    return [
      `${counts(summary)} in ${duration(summary.seconds)}; the local cloud runs at ${endpoint}.`,
      "Commands find it by themselves: npx daybreak status | feed | run | models | predict | down",
    ].join("\n");
  });
}

/** The folders from which the stack is made. */
const watched = ["lambdas", "glue-scripts", "model", "infra", "spec", "contracts"];

async function dev(options: UpOptions): Promise<void> {
  const { cloud } = await bringUp(options);
  const folders = [...watched.map((folder) => join(repositoryRoot, folder)), cloud.pipelinesFolder];
  const watch = watchFolders(folders, async (changed) => {
    const [first = "", ...others] = changed;
    say(`\n${shownPath(first)}${others.length > 0 ? ` and ${others.length} more` : ""} changed`);
    const started = performance.now();
    try {
      const { summary } = await bringUp({ ...options, json: true });
      say(`  ${counts(summary)}: live after ${duration((performance.now() - started) / 1000)}`);
    } catch (error) {
      say(`  ${messageOf(error).replaceAll("\n", "\n  ")}\n  Nothing is lost: the next save tries again.`);
    }
  });
  await watch.ready;
  say(
    `Watching ${watched.join(", ")} and ${shownPath(cloud.pipelinesFolder)}. Ctrl-C ends the watch; the cloud goes on.`,
  );
  await new Promise<void>((resolve) => process.once("SIGINT", resolve));
  await watch.close();
}

/** Deploys to the cloud that is running, or to a new one. */
async function bringUp(options: UpOptions): Promise<Updated> {
  const running = runningLocalCloud();
  const folder = options.pipelines ? typedPath(options.pipelines) : (running?.pipelinesFolder ?? pipelinesFolder);
  const pipelines = options.pipeline ?? running?.pipelines ?? listPipelines(folder);
  if (pipelines.length === 0) throw new UsageProblem(`There is no pipeline in ${folder}.`);
  for (const name of pipelines) readPipeline(folder, name);
  if (running !== undefined && existsSync(pulumiFolder(running))) {
    throw new CommandProblem(
      `The local cloud at ${running.endpoint} is deployed with the Pulumi CLI.`,
      "Go on with it (npx daybreak pulumi up), or end the cloud first: npx daybreak down",
    );
  }
  if (running === undefined) return start(options, pipelines, folder);
  useLocalCloud(running.endpoint);
  const cloud = { ...running, pipelines, pipelinesFolder: folder };
  const deployed = await deployTo(cloud, options);
  writeRunning(cloud);
  return { cloud, ...deployed };
}

async function start(options: UpOptions, pipelines: string[], folder: string): Promise<Updated> {
  const home = join(daybreakHome, "local");
  rmSync(home, { recursive: true, force: true });
  say("Starting the local cloud");
  const cloud = await Cloud.start({ port: options.port, home: join(home, "cloud"), keep: true });
  try {
    useLocalCloud(cloud.endpoint);
    say("Deploying the stack");
    const { pid, port, endpoint } = cloud;
    const left = { pid, port, endpoint, home: cloud.home, pipelines, pipelinesFolder: folder };
    const deployed = await deployTo(left, options);
    leaveRunning(cloud, pipelines, folder);
    return { cloud: left, ...deployed };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

/** Deploys; where data would be lost, asks the person who sits there. */
async function deployTo(cloud: LocalCloud, options: UpOptions): Promise<Omit<Updated, "cloud">> {
  const { endpoint, pipelines, pipelinesFolder: folder } = cloud;
  const deploy = (yes: boolean) =>
    deployStack({
      endpoint,
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
    if (!mayAsk || !(await confirm(`${messageOf(error)}\nGo on all the same?`))) throw error;
    deployed = await deploy(true);
  }
  const { outputs, summary } = deployed;
  if (summary.created + summary.replaced > 0) await postAlertsTo(endpoint, outputs);
  return deployed;
}

const signs = { create: "+", update: "~", replace: "+-", delete: "-" } as const;

/** Says what is going to be touched, as Pulumi's own preview does; of a stack that is all new, nothing. */
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
