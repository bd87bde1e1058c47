/** Deploys the stack to a local cloud, with settings for local use. */
import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import {
  type CloudAddress,
  type DeploymentSummary,
  deploy,
  localAccount,
  type PlannedStep,
  slackWebhookOf,
} from "@daybreak/local";
import { type StackOutputs, stackOutputs } from "../../contracts/stack-outputs";
import { clients } from "./clients";

export const environment = "dev";

/** The settings that differ from an environment on AWS: shorter waits, and no schedules. */
const localSettings = {
  "aws:region": localAccount.region,
  "daybreak:environment": environment,
  "daybreak:protectData": "false",
  "daybreak:canaryWaitSeconds": "2",
  "daybreak:deploymentPollSeconds": "1",
  "daybreak:firehoseBufferSeconds": "5",
  "daybreak:streamShards": "1",
  // The demo starts the runs itself, by its simulated clock.
  "daybreak:schedulesEnabled": "false",
};

export interface DeployStackOptions {
  cloud: CloudAddress;
  /** The folder of the deployment's state and configuration. */
  folder: string;
  pipelines: string[];
  pipelinesFolder: string;
  /** Deploys even if that loses data. */
  yes?: boolean;
  onPlan?: (steps: PlannedStep[]) => void;
  onProgress: (text: string) => void;
}

/** The stack's configuration in a local cloud. */
export function localConfig(pipelines: string[], pipelinesFolder: string): Record<string, string> {
  return {
    ...localSettings,
    "daybreak:pipelines": JSON.stringify(pipelines),
    "daybreak:pipelinesFolder": pipelinesFolder,
  };
}

/** Sends the stack's alerts to the local cloud's stand-in for Slack. */
export async function postAlertsTo(cloud: CloudAddress, outputs: StackOutputs): Promise<void> {
  const SecretString = slackWebhookOf(cloud);
  await clients.secrets().send(new PutSecretValueCommand({ SecretId: outputs.slackSecretArn, SecretString }));
}

/** Deploys the stack and returns its outputs. */
export async function deployStack(
  options: DeployStackOptions,
): Promise<{ outputs: StackOutputs; summary: DeploymentSummary }> {
  const { pipelines, pipelinesFolder, ...others } = options;
  const config = localConfig(pipelines, pipelinesFolder);
  const deployed = await deploy({ ...others, config, stack: environment });
  return { outputs: stackOutputs.parse(deployed.outputs), summary: deployed.summary };
}
