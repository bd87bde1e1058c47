import type { Rule } from "../rule";
import { identityPolicies, statementsOf } from "../statements";

export const noWildcardActions: Rule = {
  name: "no-wildcard-actions",
  description: "A role's policy names each action.",
  types: Object.keys(identityPolicies),
  judge(resource) {
    return statementsOf(resource, identityPolicies)
      .filter(({ effect }) => effect === "Allow")
      .flatMap(({ actions }) => actions)
      .filter((action) => action.includes("*"))
      .map((action) => `allows ${action}: name the actions.`);
  },
};
