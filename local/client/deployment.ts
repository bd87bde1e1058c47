/** Runs the in-process deployer in a process of its own, which a failed deployment may leave in any state. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { repositoryRoot, shownPath } from "../../cli/shared/paths";
import { CommandProblem } from "../../cli/shared/problem";
import { localCredentials, localPlace } from "../../cli/shared/session";
import { endChild, endOfLog, startChild } from "./child";

const outputs = z.looseObject({
  lakeBucket: z.string(),
  slackSecretArn: z.string(),
  pipelines: z.record(
    z.string(),
    z.looseObject({
      streamName: z.string(),
      database: z.string(),
      featureGroup: z.string(),
      modelPackageGroup: z.string(),
      endpointName: z.string(),
      pipelineStateMachineArn: z.string(),
      deploymentStateMachineArn: z.string(),
      monitoringStateMachineArn: z.string(),
      predictFunctionName: z.string(),
      driftAlarmNames: z.array(z.string()),
      dashboardName: z.string(),
    }),
  ),
});
export type StackOutputs = z.infer<typeof outputs>;
export type PipelineOutputs = StackOutputs["pipelines"][string];

const summary = z.looseObject({
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  seconds: z.number(),
});
export type DeploymentSummary = z.infer<typeof summary>;

const line = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("phase"), phase: z.string() }),
  z.looseObject({
    type: z.literal("resource"),
    resourceType: z.string(),
    name: z.string(),
    done: z.number(),
    total: z.number(),
  }),
  z.looseObject({ type: z.literal("notice"), message: z.string() }),
  z.looseObject({ type: z.literal("outputs"), outputs, summary }),
  z.looseObject({
    type: z.literal("error"),
    message: z.string(),
    urn: z.string().optional(),
    advice: z.string().optional(),
  }),
]);

export interface DeployOptions {
  endpoint: string;
  /** Where the deployment's state and configuration lie. */
  folder: string;
  pipelines: string[];
  pipelinesFolder: string;
  onProgress: (text: string) => void;
  onStart?: (pid: number) => void;
}

/** What differs from an environment on AWS: nobody waits five minutes at a desk. */
const localSettings = {
  "aws:region": localPlace.region,
  "daybreak:environment": localPlace.environment,
  "daybreak:protectData": "false",
  "daybreak:canaryWaitSeconds": "2",
  "daybreak:deploymentPollSeconds": "1",
  "daybreak:firehoseBufferSeconds": "5",
  "daybreak:streamShards": "1",
  // The demo's own clock takes the place of dawn.
  "daybreak:schedulesEnabled": "false",
};

/** Deploys the stack, and gives its outputs. */
export async function deployStack(
  options: DeployOptions,
): Promise<{ outputs: StackOutputs; summary: DeploymentSummary }> {
  mkdirSync(options.folder, { recursive: true });
  const config = join(options.folder, "config.json");
  writeFileSync(
    config,
    JSON.stringify({
      ...localSettings,
      "daybreak:pipelines": JSON.stringify(options.pipelines),
      "daybreak:pipelinesFolder": options.pipelinesFolder,
    }),
  );
  const log = join(dirname(options.folder), "logs", "deploy.log");
  let result: { outputs: StackOutputs; summary: DeploymentSummary } | undefined;
  let problem: CommandProblem | undefined;
  const child = startChild({
    command: process.execPath,
    args: [
      join(repositoryRoot, "local", "deploy", "start.cjs"),
      ...["--endpoint", options.endpoint, "--state", join(options.folder, "state.json"), "--config", config],
      ...["--stack", localPlace.environment],
    ],
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: options.endpoint,
      AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
      AWS_REGION: localPlace.region,
    },
    log,
    onLine: (value) => {
      const parsed = line.safeParse(value);
      if (!parsed.success) {
        problem ??= new CommandProblem(
          `The deployer wrote what was not expected: ${JSON.stringify(value).slice(0, 500)}: ${z.prettifyError(parsed.error)}`,
        );
      } else if (parsed.data.type === "resource") {
        options.onProgress(`${parsed.data.done} of ${parsed.data.total} resources`);
      } else if (parsed.data.type === "outputs") {
        result = { outputs: parsed.data.outputs, summary: parsed.data.summary };
      } else if (parsed.data.type === "error") {
        const where = parsed.data.urn === undefined ? "" : ` (${parsed.data.urn})`;
        problem = new CommandProblem(`The deployment failed${where}: ${parsed.data.message}`, parsed.data.advice ?? "");
      }
    },
  });
  options.onStart?.(child.pid ?? 0);
  try {
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => resolve(exitCode ?? signal));
    });
    if (problem !== undefined) throw problem;
    if (code === 0 && result !== undefined) return result;
    throw new CommandProblem(
      `The deployer ended (${code}) without a result.`,
      `The end of ${shownPath(log)}:\n${endOfLog(log)}`,
    );
  } finally {
    await endChild(child);
  }
}
