import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { awsVariables, localStatus, shellCommandsFor } from "@daybreak/local";
import type { Command } from "commander";
import { printResult } from "../shared/output";
import { CommandProblem } from "../shared/problem";
import { isRunning, localCloudFile, runningLocalCloud } from "../shared/session";
import { jsonOption } from "./options";

const endTimeoutMilliseconds = 20_000;

/** The commands that show and stop the running local cloud. */
export function addLocal(program: Command): void {
  program
    .command("status")
    .description("show the running local cloud")
    .option("--credentials", "print the variables that direct the AWS CLI and SDKs to it, for eval", false)
    .addOption(jsonOption())
    .action(async (options: { credentials: boolean; json: boolean }) => {
      const cloud = runningLocalCloud();
      if (cloud === undefined) throw new CommandProblem("No local cloud is running.", "Start one: npx daybreak up");
      if (options.credentials) {
        const variables = awsVariables(cloud);
        printResult(variables, options, () => shellCommandsFor(variables));
        return;
      }
      const status = await localStatus(cloud);
      printResult({ ...cloud, status }, options, () => {
        return `The local cloud runs at ${cloud.endpoint} (process ${cloud.pid}) with ${cloud.pipelines.join(", ")}.\n${JSON.stringify(status, null, 2)}`;
      });
    });
  program
    .command("down")
    .description("stop the running local cloud and everything that it started")
    .addOption(jsonOption())
    .action(down);
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
        `The local cloud (process ${cloud.pid}) has not stopped within ${endTimeoutMilliseconds / 1000} s.`,
        `Kill it: kill -9 ${cloud.pid}`,
      );
    }
    await sleep(100);
  }
  rmSync(localCloudFile, { force: true });
  printResult(
    { stopped: true, endpoint: cloud.endpoint },
    options,
    () => `The local cloud at ${cloud.endpoint} has stopped.`,
  );
}
