/** Where a command's resources are: in a local cloud or on AWS. */
import { dirname } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { localAccount, useLocalCloud } from "@daybreak/local";
import type { Place } from "../../infra/names";
import { chosenPort } from "../clouds/port";
import { isAlive } from "../clouds/processes";
import { type CloudRegistry, type LocalCloud, localClouds } from "../clouds/registry";
import { environment as localEnvironment } from "./deployment";
import { say } from "./output";
import { shownPath } from "./paths";
import { CommandProblem, causeOf, codeOf, messageOf, nameOf, UsageProblem } from "./problem";

/** What was chosen on the command line. */
export interface Target {
  /** The environment of a stack on AWS. */
  environment?: string;
  aws: boolean;
  /** The port of a local cloud. */
  port?: number;
}

let addressed: LocalCloud | undefined;

/** The local cloud that this command talks to; undefined if it talks to AWS. */
export const addressedCloud = (): LocalCloud | undefined => addressed;

/** Directs all AWS clients that this process creates afterwards to a local cloud. */
export function address(cloud: LocalCloud): void {
  useLocalCloud(cloud);
  addressed = cloud;
}

/**
 * Determines where a command's resources are, and prints it to stderr: AWS if it was chosen (`--aws`, `--environment`, or an
 * endpoint in AWS_ENDPOINT_URL), otherwise the local cloud. If no local cloud runs, a command that only reads goes to AWS, and
 * one that writes is refused.
 */
export async function connect(
  target: Target,
  use: "reads" | "writes",
  registry: CloudRegistry = localClouds,
): Promise<Place> {
  const isChosen = target.aws || target.environment !== undefined || process.env.AWS_ENDPOINT_URL !== undefined;
  const cloud = isChosen ? undefined : registry.choose(chosenPort(target.port));
  if (cloud !== undefined) {
    if (use === "writes") refuseDuringDemo(cloud, registry);
    address(cloud);
    say(`Using the local cloud at ${cloud.endpoint} (--aws for AWS)`);
    return { environment: localEnvironment, region: localAccount.region, accountId: localAccount.accountId };
  }
  const { environment = "dev" } = target;
  // boto3's variable for the region, which the SDK for JavaScript does not know.
  const { AWS_DEFAULT_REGION, AWS_REGION = AWS_DEFAULT_REGION } = process.env;
  const sts = new STSClient(AWS_REGION === undefined ? {} : { region: AWS_REGION });
  const region = await regionOf(sts, isChosen);
  if (use === "writes" && !isChosen) {
    throw new UsageProblem(
      `No local cloud is running, and this command would change the stack ${environment} on AWS (${region}).`,
      "To change AWS, add --aws. To work locally, start a cloud: npx daybreak up",
    );
  }
  // Later clients and the Python side get the same region.
  process.env.AWS_REGION = region;
  const where = process.env.AWS_ENDPOINT_URL ?? "AWS";
  const accountId = await accountOf(sts, `${where} (${region})`);
  say(`Using ${where}: account ${accountId}, region ${region}, environment ${environment}`);
  return { environment, region, accountId };
}

/** A demo accounts for every event and request, so another command must not send any. */
function refuseDuringDemo({ port, endpoint }: LocalCloud, registry: CloudRegistry): void {
  const holder = registry.holder(port);
  if (holder?.command !== "demo") return;
  throw new CommandProblem(
    `This command would change the local cloud at ${endpoint} while a demo (process ${holder.pid}) is running on it.`,
    "Wait until the demo has ended; with --keep, its cloud keeps running. Or start another: npx daybreak up --port 4600",
  );
}

/** The region as the SDK finds it: AWS_REGION, or the profile in ~/.aws/config. */
async function regionOf(sts: STSClient, isChosen: boolean): Promise<string> {
  try {
    return await sts.config.region();
  } catch (error) {
    throw new CommandProblem(
      `${isChosen ? "No" : "No local cloud is running, and no"} AWS region can be found: ${messageOf(error)}`,
      "Start a local cloud (npx daybreak up), or set AWS_REGION or the region of your profile in ~/.aws/config.",
    );
  }
}

async function accountOf(sts: STSClient, where: string): Promise<string> {
  try {
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw new Error("GetCallerIdentity returned no account");
    return Account;
  } catch (error) {
    throw new CommandProblem(
      `${where} does not answer as expected: ${messageOf(error)}`,
      "Check AWS_ENDPOINT_URL, or your AWS credentials (aws sts get-caller-identity).",
    );
  }
}

/** Node's error codes for failed connections, and the SDK's error names for timeouts. */
const connectionFailures =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|TimeoutError|UND_ERR_.*)$/;

/** The error for a connection that failed while a command ran, for example because the cloud ended; undefined for other errors. */
export function connectionProblem(error: unknown): CommandProblem | undefined {
  const names = [codeOf(error), nameOf(error), codeOf(causeOf(error))];
  const failure = names.find((name) => connectionFailures.test(name));
  if (failure === undefined) return undefined;
  const detail = messageOf(error) || failure;
  if (addressed === undefined) {
    const where = process.env.AWS_ENDPOINT_URL ?? `AWS (${process.env.AWS_REGION ?? "no region"})`;
    return new CommandProblem(
      `The connection to ${where} failed while the command ran: ${detail}`,
      process.env.AWS_ENDPOINT_URL === undefined
        ? "Check the network connection and AWS_REGION."
        : "Check AWS_ENDPOINT_URL, and whether what it names is running.",
    );
  }
  const { endpoint, pid, port } = addressed;
  return isAlive(addressed)
    ? new CommandProblem(
        `The local cloud at ${endpoint} (process ${pid}) does not answer: ${detail}`,
        `End it, then start it again: npx daybreak down --port ${port}`,
      )
    : new CommandProblem(
        `The local cloud at ${endpoint} (process ${pid}) ended while the command ran.`,
        `Its log is in ${shownPath(dirname(addressed.home))}. To start another: npx daybreak up --port ${port}`,
      );
}
