/** The root credentials of a local cloud, which are new at each start. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { localAccount } from "../account";
import { shownPath } from "./paths";
import { LocalProblem } from "./problem";

/** How to reach a local cloud. */
export interface CloudAddress {
  endpoint: string;
  /** The folder that the cloud writes to. */
  home: string;
}

const rootCredentials = z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), slackToken: z.string() });
export type RootCredentials = z.infer<typeof rootCredentials>;

/** Reads the file that the cloud writes for its owner when it starts. */
export function readCredentials({ endpoint, home }: CloudAddress): RootCredentials {
  const file = join(home, "credentials.json");
  try {
    return rootCredentials.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new LocalProblem(
      `The credentials of the local cloud at ${endpoint} cannot be read from ${shownPath(file)}: ${String(error)}`,
      "Start the cloud again: npx daybreak down, then npx daybreak up",
    );
  }
}

/** The environment variables of the AWS SDKs for a local cloud. */
export function awsVariables(cloud: CloudAddress) {
  const { accessKeyId, secretAccessKey } = readCredentials(cloud);
  return {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: localAccount.region,
    // The SDK for Python and version 1 of the AWS CLI read this one.
    AWS_DEFAULT_REGION: localAccount.region,
  };
}

/** This process's environment, with the AWS SDKs directed to a local cloud. */
export function environmentOf(cloud: CloudAddress): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...others } = process.env;
  return { ...others, ...awsVariables(cloud) };
}

/** Directs all AWS clients that this process creates afterwards to a local cloud. */
export function useLocalCloud(cloud: CloudAddress): void {
  delete process.env.AWS_PROFILE;
  delete process.env.AWS_SESSION_TOKEN;
  Object.assign(process.env, awsVariables(cloud));
}

/** Shell commands that set the variables, and remove those that the SDKs would prefer. */
export function shellCommandsFor(variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
  return ["unset AWS_PROFILE AWS_SESSION_TOKEN", ...lines].join("\n");
}

/** The URL of the stand-in for a Slack webhook. */
export function slackWebhookOf(cloud: CloudAddress): string {
  return `${cloud.endpoint}/_daybreak/slack/${readCredentials(cloud).slackToken}`;
}
