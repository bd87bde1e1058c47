/** All checks of an AWS account before the first deployment of an environment. They only read. */
import { IAMClient } from "@aws-sdk/client-iam";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LakeFormationClient } from "@aws-sdk/client-lakeformation";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { ConfigurationError } from "../../infra/config";
import { environmentSettings, type RegisteredProgram, registerProgram, secretsEncryption } from "../shared/program";
import type { Finding } from "./finding";
import { checkLakeFormation } from "./lake-formation";
import { type Needs, needsOf } from "./needs";
import { type Answer, checkPulumiState } from "./pulumi-state";
import { checkQuotas } from "./quotas";
import { checkCaller, checkServices, parametersRegion } from "./region";
import { checkIdentityProvider, checkLinkedRoles } from "./roles";
import { checkStreams } from "./streams";

export interface Examination {
  environment: string;
  account: string;
  /** That of the stack, in which everything is checked. */
  region: string;
  /** Whether nothing was found that would stop a first deployment. */
  ready: boolean;
  checks: Finding[];
}

export interface Chosen {
  environment: string;
  accountId: string;
  /** That of the other commands. */
  region: string;
}

/** @param whoami what the Pulumi CLI says of its state */
export async function examineAccount(chosen: Chosen, whoami: Answer | undefined): Promise<Examination> {
  const { environment, accountId: account } = chosen;
  const settings = environmentSettings(environment);
  const region = settings["aws:region"] ?? "";
  const result = (checks: Finding[]): Examination => ({
    ...{ environment, account, region, checks },
    ready: !checks.some(({ state }) => state === "fails"),
  });
  const program = await registered(settings);
  if (program instanceof ConfigurationError) {
    return result([{ check: "Settings", state: "fails", found: program.message, remedy: "docs/aws.md: what to set." }]);
  }
  const checks = [
    ...(await checkCaller(new STSClient({ region }), { environment, region, chosen: chosen.region })),
    checkPulumiState(whoami, { environment, region }, secretsEncryption(environment), process.env),
    { check: "Model image", state: "ok" as const, found: program.config.modelImage },
    ...(await checkNeeds(needsOf(program.resources), region)),
  ];
  return result(checks);
}

async function registered(settings: Record<string, string>): Promise<RegisteredProgram | ConfigurationError> {
  try {
    return await registerProgram(settings);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
}

/** What an account must have, compared with what it has. */
export async function checkNeeds(needs: Needs, region: string): Promise<Finding[]> {
  const at = { region, maxAttempts: 6 };
  const iam = new IAMClient(at);
  const checks = await Promise.all([
    checkServices(new SSMClient({ ...at, region: parametersRegion }), region, needs.services),
    checkQuotas(new ServiceQuotasClient(at), region, needs.quotas),
    checkStreams(new KinesisClient(at), region, needs.streams),
    checkLinkedRoles(iam, needs.linkedRoles),
    checkLakeFormation(new LakeFormationClient(at), region),
    needs.identityProvider === undefined ? [] : checkIdentityProvider(iam, needs.identityProvider),
  ]);
  return checks.flat();
}
