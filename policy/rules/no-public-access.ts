import type { Rule } from "../rule";
import { resourcePolicies, statementsOf } from "../statements";

const url = "aws:lambda/functionUrl:FunctionUrl";
const permission = "aws:lambda/permission:Permission";

export const noPublicAccess: Rule = {
  name: "no-public-access",
  description: "Nothing is open to everyone: neither by a policy nor as a function's URL.",
  types: [...Object.keys(resourcePolicies), url, permission],
  judge(resource) {
    const { type, props } = resource;
    if (type === url) return props.authorizationType === "AWS_IAM" ? [] : ["can be called without a signature."];
    if (type === permission) {
      if (props.principal === "*") return ["lets everyone invoke the function."];
      return props.sourceArn === undefined && String(props.principal).endsWith(".amazonaws.com")
        ? [`lets ${props.principal} invoke the function for any account: set sourceArn.`]
        : [];
    }
    return statementsOf(resource, resourcePolicies)
      .filter(({ effect, principals }) => effect === "Allow" && principals.includes("*"))
      .map(({ actions }) => `lets everyone do ${actions.join(", ")}.`);
  },
};
