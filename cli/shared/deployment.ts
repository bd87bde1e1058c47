/** Deploys the stack to a local cloud, with the settings that suit one. */
import { type DeploymentSummary, deploy, localAccount } from "@daybreak/local";
import { type StackOutputs, stackOutputs } from "../../contracts/stack-outputs";

const environment = "dev";

/** The settings that differ from an environment on AWS: shorter waits, and no schedules. */
const localSettings = {
  "aws:region": localAccount.region,
  "daybreak:environment": environment,
  "daybreak:protectData": "false",
  "daybreak:canaryWaitSeconds": "2",
  "daybreak:deploymentPollSeconds": "1",
  "daybreak:firehoseBufferSeconds": "5",
  "daybreak:streamShards": "1",
  // The demo's own clock takes the place of dawn.
  "daybreak:schedulesEnabled": "false",
};

export interface DeployStackOptions {
  endpoint: string;
  /** Where the deployment's state and configuration lie. */
  folder: string;
  pipelines: string[];
  pipelinesFolder: string;
  onProgress: (text: string) => void;
}

/** Deploys the stack, and gives its outputs. */
export async function deployStack(
  options: DeployStackOptions,
): Promise<{ outputs: StackOutputs; summary: DeploymentSummary }> {
  const { endpoint, folder, pipelines, pipelinesFolder, onProgress } = options;
  const config = {
    ...localSettings,
    "daybreak:pipelines": JSON.stringify(pipelines),
    "daybreak:pipelinesFolder": pipelinesFolder,
  };
  const deployed = await deploy({ endpoint, folder, config, stack: environment, onProgress });
  return { outputs: stackOutputs.parse(deployed.outputs), summary: deployed.summary };
}
