/** The roles that are not the program's own: AWS's service-linked ones, and GitHub's identity provider. */
import { GetOpenIDConnectProviderCommand, GetRoleCommand, type IAMClient } from "@aws-sdk/client-iam";
import { nameOf } from "../shared/problem";
import { awsCommand } from "./commands";
import { examined, type Finding } from "./finding";
import type { LinkedRole } from "./needs";

const linked = "Service-linked roles";

export async function checkLinkedRoles(client: IAMClient, roles: readonly LinkedRole[]): Promise<Finding[]> {
  if (roles.length === 0) return [{ check: linked, state: "ok", found: "the program needs none" }];
  const findings = roles.map(({ name, service, madeBy }) =>
    examined(linked, ["iam:GetRole"], async () => {
      if (await exists(client.send(new GetRoleCommand({ RoleName: name })))) {
        return [{ check: linked, state: "ok", found: name }];
      }
      return [
        {
          check: linked,
          state: "notice",
          found: `${name} does not exist yet`,
          remedy: `AWS makes it ${madeBy}. To make it now:`,
          commands: [awsCommand(["iam", "create-service-linked-role"], { "aws-service-name": service })],
        },
      ];
    }),
  );
  return (await Promise.all(findings)).flat();
}

const provider = "GitHub";

/** @param arn of the provider that roles trust */
export function checkIdentityProvider(client: IAMClient, arn: string): Promise<Finding[]> {
  return examined(provider, ["iam:GetOpenIDConnectProvider"], async () => {
    if (await exists(client.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })))) {
      const remedy = "An account has one: setup/delivery-account.yaml takes Provider=exists for a further environment.";
      return [{ check: provider, state: "ok", found: `the identity provider ${arn} exists`, remedy }];
    }
    const found = `the identity provider ${arn} does not exist: GitHub's jobs could assume no role`;
    return [
      { check: provider, state: "notice", found, remedy: "setup/delivery-account.yaml makes it: docs/delivery.md." },
    ];
  });
}

async function exists(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (/^NoSuchEntity/.test(nameOf(error))) return false;
    throw error;
  }
}
