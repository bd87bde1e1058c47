import type { Rule } from "../rule";
import { resourcePolicies, statementsOf } from "../statements";

const types = Object.keys(resourcePolicies).filter((type) => type !== "aws:kms/key:Key");

export const tlsOnly: Rule = {
  name: "tls-only",
  description: "Buckets, topics and queues refuse requests without TLS. KMS has no endpoint without it.",
  types,
  judge(resource) {
    const denies = statementsOf(resource, resourcePolicies).some(
      ({ effect, principals, conditions }) =>
        effect === "Deny" && principals.includes("*") && conditions["aws:SecureTransport"] === "false",
    );
    return denies ? [] : ["does not deny requests with aws:SecureTransport false."];
  },
};
