/** The provider's functions (data sources) that the program calls. */
import type { Cloud } from "./adapter";
import { DeploymentError } from "./errors";

/** Evaluates a provider function; throws a DeploymentError if it is not supported. */
export async function callFunction(token: string, cloud: Cloud): Promise<Record<string, unknown>> {
  if (token === "aws:index/getCallerIdentity:getCallerIdentity") {
    const { Account, Arn, UserId } = await cloud.clients.sts.getCallerIdentity({});
    return { accountId: Account, arn: Arn, userId: UserId, id: Account };
  }
  throw new DeploymentError(`The program calls ${token}, which the local deployer does not support.`, {
    operation: token,
    advice: "Add it to local/deploy/functions.ts.",
  });
}
