import type { Rule } from "../rule";
import { statementsOf, trustPolicies } from "../statements";

/** Lambda sends no `aws:SourceAccount` when it assumes a function's role. */
const without = new Set(["lambda.amazonaws.com"]);

export const trustSourceAccount: Rule = {
  name: "trust-source-account",
  description: "A role trusts a service only for this account, so that no other account can make the service use it.",
  types: Object.keys(trustPolicies),
  judge(resource) {
    return statementsOf(resource, trustPolicies).flatMap(({ principals, conditions }) =>
      principals
        .filter((principal) => principal === "*" || (principal.includes("amazonaws.com") && !without.has(principal)))
        .filter(() => conditions["aws:SourceAccount"] === undefined)
        .map((principal) => `trusts ${principal} without the condition aws:SourceAccount.`),
    );
  },
};
