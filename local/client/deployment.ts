/** Runs the deployer in a separate process, because a failed deployment leaves pending promises in the Pulumi SDK. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type DeployResult, deployerEvent, type PlannedStep } from "../deploy/events";
import { endChild, endOfLog, startChild } from "./child";
import { type CloudAddress, environmentOf } from "./credentials";
import { localFolder, shownPath } from "./paths";
import { LocalProblem } from "./problem";

export interface DeployOptions {
  cloud: CloudAddress;
  /** The folder of the deployment's state and configuration. */
  folder: string;
  /** The stack's configuration as Pulumi stores it: namespaced keys, string values. */
  config: Record<string, string>;
  stack: string;
  /** Stop after the plan. */
  preview?: boolean;
  /** Deploy even if data would be lost; otherwise rejects with a LocalProblem with the code `dataWouldBeLost`. */
  yes?: boolean;
  /** Receives the plan before any change. */
  onPlan?: (steps: PlannedStep[]) => void;
  onProgress: (text: string) => void;
}

/** Deploys the Pulumi program to a local cloud and returns its outputs. */
export async function deploy(options: DeployOptions): Promise<DeployResult> {
  mkdirSync(options.folder, { recursive: true });
  const config = join(options.folder, "config.json");
  writeFileSync(config, JSON.stringify(options.config));
  const log = join(dirname(options.folder), "logs", "deploy.log");
  let result: DeployResult | undefined;
  let problem: LocalProblem | undefined;
  const child = startChild({
    command: process.execPath,
    args: [
      join(localFolder, "deploy", "start.cjs"),
      ...["--endpoint", options.cloud.endpoint, "--state", join(options.folder, "state.json"), "--config", config],
      ...["--stack", options.stack],
      ...(options.preview ? ["--preview"] : []),
      ...(options.yes ? ["--yes"] : []),
    ],
    env: environmentOf(options.cloud),
    log,
    onLine: (value) => {
      const parsed = deployerEvent.safeParse(value);
      if (!parsed.success) {
        problem ??= new LocalProblem(
          `Unexpected output from the deployer: ${JSON.stringify(value).slice(0, 500)}: ${z.prettifyError(parsed.error)}`,
        );
      } else if (parsed.data.type === "resource") {
        options.onProgress(`${parsed.data.done} of ${parsed.data.total} resources`);
      } else if (parsed.data.type === "plan") {
        options.onPlan?.(parsed.data.steps);
      } else if (parsed.data.type === "outputs") {
        result = { outputs: parsed.data.outputs, summary: parsed.data.summary };
      } else if (parsed.data.type === "error") {
        const { message, advice = "", code } = parsed.data;
        problem = new LocalProblem(message, advice, code);
      }
    },
  });
  try {
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => resolve(exitCode ?? signal));
    });
    if (problem !== undefined) throw problem;
    if (code === 0 && result !== undefined) return result;
    throw new LocalProblem(
      `The deployer exited (${code}) without a result.`,
      `The end of ${shownPath(log)}:\n${endOfLog(log)}`,
    );
  } finally {
    await endChild(child);
  }
}
