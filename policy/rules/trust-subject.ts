import type { Rule } from "../rule";
import { statementsOf, trustPolicies } from "../statements";

/** Whether a condition on this claim of a token names its value. */
const binds = (conditions: Readonly<Record<string, unknown>>, claim: string) =>
  Object.entries(conditions).some(([key, value]) => key.endsWith(`:${claim}`) && !/[*?]/.test(JSON.stringify(value)));

export const trustSubject: Rule = {
  name: "trust-subject",
  description:
    "A role trusts the tokens of another provider, such as GitHub, only for one audience and named subjects.",
  types: Object.keys(trustPolicies),
  judge(resource) {
    return statementsOf(resource, trustPolicies)
      .filter(({ actions }) => actions.includes("sts:AssumeRoleWithWebIdentity"))
      .flatMap(({ conditions }) =>
        ["aud", "sub"]
          .filter((claim) => !binds(conditions, claim))
          .map((claim) => `trusts tokens without a condition that names their ${claim}.`),
      );
  },
};
