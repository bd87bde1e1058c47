/** The provider's functions (data sources) that the program calls. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { AdapterContext } from "./adapter";
import { DeploymentError } from "./errors";

type FunctionContext = Pick<AdapterContext, "clients" | "accountId" | "region" | "partition">;
type ProviderFunction = (context: FunctionContext) => Promise<Record<string, unknown>>;

const FUNCTIONS: Record<string, ProviderFunction> = {
  "aws:index/getCallerIdentity:getCallerIdentity": async ({ clients, accountId }) => {
    const identity = await clients.sts.send(new GetCallerIdentityCommand({}));
    return { accountId, arn: identity.Arn, userId: identity.UserId, id: accountId };
  },
  "aws:index/getRegion:getRegion": async ({ region }) => ({ region, name: region, id: region }),
  "aws:index/getPartition:getPartition": async ({ partition }) => ({
    partition,
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
    id: partition,
  }),
};

/** Answers a function of the provider, or says that it is not known here. */
export async function callFunction(token: string, context: FunctionContext): Promise<Record<string, unknown>> {
  const known = FUNCTIONS[token];
  if (known === undefined) {
    throw new DeploymentError(`The program calls ${token}, which the local deployer does not know.`, {
      operation: token,
      advice: "Add it to local/deploy/functions.ts.",
    });
  }
  return known(context);
}
