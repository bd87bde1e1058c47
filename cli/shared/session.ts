/** Which cloud a command uses: AWS, or the local cloud if one is running or AWS_ENDPOINT_URL points to one. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type Cloud, localAccount, useLocalCloud } from "@daybreak/local";
import { z } from "zod";
import type { Place } from "../../infra/names";
import { daybreakHome } from "./paths";
import { CommandProblem, codeOf, messageOf } from "./problem";

/** The record that `daybreak up` and `daybreak demo --keep` write about the local cloud that they started. */
const localCloud = z.object({
  pid: z.number().int(),
  port: z.number().int(),
  endpoint: z.url(),
  pipelines: z.array(z.string()),
  pipelinesFolder: z.string(),
  home: z.string(),
});
export type LocalCloud = z.infer<typeof localCloud>;

export const localCloudFile = join(daybreakHome, "cloud.json");

/** Lets the cloud run on after this process exits; later commands find it by the file written here. */
export function leaveRunning(cloud: Cloud, pipelines: string[], pipelinesFolder: string): void {
  const { pid, port, endpoint, home } = cloud;
  writeRunning({ pid, port, endpoint, pipelines, pipelinesFolder, home });
  cloud.release();
}

/** Updates the record of the running cloud. */
export function writeRunning(cloud: LocalCloud): void {
  writeFileSync(localCloudFile, `${JSON.stringify(cloud, null, 2)}\n`);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** The running local cloud of an earlier command, if any. */
export function runningLocalCloud(): LocalCloud | undefined {
  if (!existsSync(localCloudFile)) return undefined;
  const parsed = localCloud.safeParse(JSON.parse(readFileSync(localCloudFile, "utf8")));
  return parsed.success && isRunning(parsed.data.pid) ? parsed.data : undefined;
}

/** The environment, region and account of a command: decides on the endpoint first, then gets the account ID. */
export async function connect(options: { environment: string; aws: boolean }): Promise<Place> {
  const cloud = options.aws || process.env.AWS_ENDPOINT_URL !== undefined ? undefined : runningLocalCloud();
  if (cloud !== undefined) {
    useLocalCloud(cloud);
    process.stderr.write(`Using the local cloud at ${cloud.endpoint} (--aws for AWS)\n`);
  }
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (region === undefined) {
    throw new CommandProblem(
      "No local cloud is running, and no AWS region is set.",
      "Start one with `npx daybreak up --pipeline <name>`, or set AWS_REGION and your AWS credentials.",
    );
  }
  process.env.AWS_REGION = region;
  try {
    const identity = await new STSClient({}).send(new GetCallerIdentityCommand({}));
    return { environment: options.environment, region, accountId: identity.Account ?? localAccount.accountId };
  } catch (error) {
    const where = process.env.AWS_ENDPOINT_URL ?? `AWS (${region})`;
    throw new CommandProblem(
      `${where} does not answer as expected: ${messageOf(error)}`,
      "Check AWS_ENDPOINT_URL, or your AWS credentials (aws sts get-caller-identity).",
    );
  }
}
