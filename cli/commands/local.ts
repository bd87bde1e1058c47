import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { Cloud, localStatus, useLocalCloud } from "@daybreak/local";
import type { Command } from "commander";
import { listPipelines } from "../../spec/load";
import { clients } from "../shared/clients";
import { deployStack } from "../shared/deployment";
import { duration, printResult, say } from "../shared/output";
import { daybreakHome, typedPath } from "../shared/paths";
import { CommandProblem, UsageProblem } from "../shared/problem";
import { isRunning, leaveRunning, localCloudFile, runningLocalCloud } from "../shared/session";
import { jsonOption, pipelinesOption, portOption, readPipeline } from "./options";

const endTimeoutMilliseconds = 20_000;

interface UpOptions {
  pipeline?: string[];
  pipelines: string;
  port: number;
  json: boolean;
}

/** The commands that start, show and end a local cloud of one's own. */
export function addLocal(program: Command): void {
  program
    .command("up")
    .description("start a local cloud, deploy the stack to it, and leave it running")
    .option("--pipeline <name...>", "which pipelines (default: all)")
    .addOption(portOption())
    .addOption(pipelinesOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Example, a day at the shop by hand:
  npm run daybreak -- up --pipeline shop-churn
  npm run daybreak -- simulate shop.jsonl
  npm run daybreak -- feed shop-churn shop.jsonl --to 2025-04-14
  npm run daybreak -- run shop-churn --as-of 2025-04-14 --mode train
  npm run daybreak -- approve shop-churn 1 --reason "looks right"
  npm run daybreak -- down`,
    )
    .action(up);
  program
    .command("status")
    .description("show the local cloud that is running")
    .addOption(jsonOption())
    .action(async (options: { json: boolean }) => {
      const cloud = runningLocalCloud();
      if (cloud === undefined)
        throw new CommandProblem("No local cloud is running.", "Start one: npm run daybreak -- up");
      const status = await localStatus(cloud.endpoint);
      printResult({ ...cloud, status }, options, () => {
        return `The local cloud runs at ${cloud.endpoint} (process ${cloud.pid}) with ${cloud.pipelines.join(", ")}.\n${JSON.stringify(status, null, 2)}`;
      });
    });
  program
    .command("down")
    .description("end the local cloud that is running, and everything that it started")
    .addOption(jsonOption())
    .action(down);
}

async function up(options: UpOptions): Promise<void> {
  const running = runningLocalCloud();
  if (running !== undefined) {
    throw new CommandProblem(
      `A local cloud is running already at ${running.endpoint}.`,
      "End it first: npm run daybreak -- down",
    );
  }
  const folder = typedPath(options.pipelines);
  const pipelines = options.pipeline ?? listPipelines(folder);
  if (pipelines.length === 0) throw new UsageProblem(`There is no pipeline in ${folder}.`);
  for (const name of pipelines) readPipeline(folder, name);
  const home = join(daybreakHome, "local");
  rmSync(home, { recursive: true, force: true });
  say("Starting the local cloud");
  const cloud = await Cloud.start({ port: options.port, home: join(home, "cloud"), keep: true });
  try {
    useLocalCloud(cloud.endpoint);
    say("Deploying the stack");
    const { outputs, summary } = await deployStack({
      endpoint: cloud.endpoint,
      folder: join(home, "deploy"),
      pipelines,
      pipelinesFolder: folder,
      onProgress: () => undefined,
    });
    const webhook = `${cloud.endpoint}/_daybreak/slack`;
    await clients
      .secrets()
      .send(new PutSecretValueCommand({ SecretId: outputs.slackSecretArn, SecretString: webhook }));
    leaveRunning(cloud, pipelines);
    printResult({ endpoint: cloud.endpoint, pid: cloud.pid, pipelines, deployment: summary, outputs }, options, () => {
      return [
        `${summary.created} resources in ${duration(summary.seconds)}; the local cloud runs at ${cloud.endpoint}.`,
        "Commands find it by themselves: npm run daybreak -- status | feed | run | models | predict | down",
      ].join("\n");
    });
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

async function down(options: { json: boolean }): Promise<void> {
  const cloud = runningLocalCloud();
  if (cloud === undefined) {
    rmSync(localCloudFile, { force: true });
    printResult({ stopped: false }, options, () => "No local cloud is running.");
    return;
  }
  process.kill(cloud.pid, "SIGTERM");
  const until = Date.now() + endTimeoutMilliseconds;
  while (isRunning(cloud.pid)) {
    if (Date.now() > until) {
      throw new CommandProblem(
        `The local cloud (process ${cloud.pid}) has not ended within ${endTimeoutMilliseconds / 1000} s.`,
        `End it: kill -9 ${cloud.pid}`,
      );
    }
    await sleep(100);
  }
  rmSync(localCloudFile, { force: true });
  printResult(
    { stopped: true, endpoint: cloud.endpoint },
    options,
    () => `The local cloud at ${cloud.endpoint} has ended.`,
  );
}
