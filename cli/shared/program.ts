/** Registers the whole Pulumi program of an environment, without the Pulumi CLI, an account or a cloud. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { z } from "zod";
import { loadConfig, type StackConfig } from "../../infra/config";
import { createStack } from "../../infra/stack";
import { repositoryRoot } from "../shared/paths";
import { UsageProblem } from "../shared/problem";

export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

export interface RegisteredProgram {
  config: StackConfig;
  resources: Registered[];
}

/** `Pulumi.<environment>.yaml`: the program's settings and how Pulumi encrypts the stack's secrets. */
const settingsFile = z.object({
  config: z.record(z.string(), z.unknown()),
  secretsprovider: z.string().optional(),
  encryptionsalt: z.string().optional(),
});

function readSettings(environment: string, folder: string): z.infer<typeof settingsFile> {
  const file = join(folder, `Pulumi.${environment}.yaml`);
  if (!existsSync(file)) {
    const known = readdirSync(folder).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    throw new UsageProblem(
      `There is no Pulumi.${environment}.yaml with the settings of the environment ${environment}.`,
      `There are: ${known.join(", ")}.`,
    );
  }
  return settingsFile.parse(parse(readFileSync(file, "utf8")));
}

/** How the secrets of an environment's stack are encrypted; undefined if its settings do not say. */
export function secretsEncryption(environment: string, folder = repositoryRoot): string | undefined {
  const { secretsprovider, encryptionsalt } = readSettings(environment, folder);
  return secretsprovider ?? encryptionsalt;
}

/** The settings of an environment as Pulumi hands them to a program: every value is a string. */
export function environmentSettings(environment: string, folder = repositoryRoot): Record<string, string> {
  const { config } = readSettings(environment, folder);
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
}

export const accountId = "123456789012";

/** Kinds of resources whose ARNs do not follow the provider's names. */
const asOnAws: Readonly<Record<string, string>> = {
  "cloudwatch/logGroup": "logs/log-group:",
  "sfn/stateMachine": "states/stateMachine:",
  "sagemaker/featureGroup": "sagemaker/feature-group/",
  "sagemaker/modelPackageGroup": "sagemaker/model-package-group/",
};

/** An ARN that says which resource it is. */
function arnOf(type: string, name: string, inputs: Record<string, unknown>, region = ""): string {
  const [, path = ""] = /^aws:(\w+\/\w+):/.exec(type) ?? [];
  const own = inputs.name ?? inputs.featureGroupName ?? inputs.modelPackageGroupName ?? name;
  if (path === "s3/bucket") return `arn:aws:s3:::${inputs.bucket}`;
  const [service = "", ...rest] = (asOnAws[path] ?? `${path}/`).split("/");
  return `arn:aws:${service}:${service === "iam" ? "" : region}:${accountId}:${rest.join("/")}${own}`;
}

/**
 * What the provider's functions answer without an account.
 *
 * @throws Error if the program calls one that is not known here
 */
export function providerFunction(token: string, region = ""): Record<string, unknown> {
  if (token === "aws:index/getCallerIdentity:getCallerIdentity") {
    return { accountId, arn: `arn:aws:iam::${accountId}:user/test`, userId: "test", id: accountId };
  }
  if (token === "aws:ec2/getVpcEndpointService:getVpcEndpointService") {
    return { availabilityZones: [`${region}a`, `${region}b`], vpcEndpointPolicySupported: true };
  }
  throw new Error(`Unexpected call of ${token}`);
}

/**
 * Runs what registers resources, without stack traces.
 *
 * The SDK takes a stack trace for each of its promises. Translating them through source maps takes longer than all the rest: four
 * fifths of the time under jest. If it fails, it runs again with them, so that the error has one.
 */
export async function withoutStackTraces<Result>(run: () => Promise<Result>): Promise<Result> {
  const frames = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 0;
    return await run();
  } catch {
    Error.stackTraceLimit = frames;
    return await run();
  } finally {
    Error.stackTraceLimit = frames;
  }
}

/** Registers the program with these settings. */
export function registerProgram(settings: Record<string, string>): Promise<RegisteredProgram> {
  return withoutStackTraces(() => register(settings));
}

async function register(settings: Record<string, string>): Promise<RegisteredProgram> {
  const resources: Registered[] = [];
  pulumi.runtime.setAllConfig(settings);
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        resources.push({ type, name, inputs });
        return { id: name, state: { ...inputs, arn: arnOf(type, name, inputs, settings["aws:region"]) } };
      },
      call: ({ token }) => providerFunction(token, settings["aws:region"]),
    },
    "daybreak",
    "registered",
  );
  const config = loadConfig();
  await createStack(config);
  await pulumi.runtime.disconnect();
  return { config, resources };
}
