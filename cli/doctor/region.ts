/** Whether the region is the stack's, is enabled, and has the services that the program uses. */
import { GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { nameOf } from "../shared/problem";
import { awsCommand } from "./commands";
import { examined, type Finding } from "./finding";

const caller = "Credentials";

/**
 * @param sts in the stack's region
 * @param chosen the region that the other commands would use
 */
export async function checkCaller(
  sts: STSClient,
  { environment, region, chosen }: { environment: string; region: string; chosen: string },
): Promise<Finding[]> {
  const settings = `Pulumi.${environment}.yaml`;
  try {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (region === chosen) return [{ check: caller, state: "ok", found: `${Arn}; ${settings} deploys to ${region}` }];
    return [
      {
        check: caller,
        state: "notice",
        found: `${Arn}; ${settings} deploys to ${region}, but your profile or AWS_REGION says ${chosen}`,
        remedy: `All checks are of ${region}. Other commands would look for the stack in ${chosen}; before you use them:`,
        commands: [`export AWS_REGION=${region}`],
      },
    ];
  } catch (error) {
    // A region that an account has to enable answers so until it has, with credentials that other regions take.
    if (!/^(InvalidClientTokenId|UnrecognizedClientException)$/.test(nameOf(error))) throw error;
    return [
      {
        check: caller,
        state: "fails",
        found: `${region}, to which ${settings} deploys, does not know your credentials, which ${chosen} does`,
        remedy: "Enable the region for this account; it takes some minutes:",
        commands: [awsCommand(["account", "enable-region"], { "region-name": region })],
      },
    ];
  }
}

const services = "Services";
/** Systems Manager User Guide, "Calling public parameters": only some regions have these parameters, of all regions. */
export const parametersRegion = "us-east-1";

/** @param names of the services in the public parameters */
export function checkServices(ssm: SSMClient, region: string, names: readonly string[]): Promise<Finding[]> {
  return examined(services, [`ssm:GetParameters in ${parametersRegion}`], async () => {
    const missing: string[] = [];
    for (let first = 0; first < names.length; first += mostNames) {
      const Names = names.slice(first, first + mostNames).map((name) => `${listOf(region)}/${name}`);
      const { InvalidParameters = [] } = await ssm.send(new GetParametersCommand({ Names }));
      missing.push(...InvalidParameters.map((name) => name.split("/").at(-1) ?? name));
    }
    if (missing.length === 0) return [{ check: services, state: "ok", found: `${region} has ${names.join(", ")}` }];
    return [
      {
        check: services,
        state: "fails",
        found: `${region} lacks ${missing.join(", ")}, by AWS's list of its services`,
        remedy: "Choose another region (pulumi config set aws:region <region>). Those that the list names:",
        commands: [
          awsCommand(["ssm", "get-parameters-by-path"], {
            path: `/aws/service/global-infrastructure/services/${missing[0]}/regions`,
            region: parametersRegion,
          }),
        ],
      },
    ];
  });
}

/** The most names of a GetParameters. */
const mostNames = 10;
const listOf = (region: string) => `/aws/service/global-infrastructure/regions/${region}/services`;
