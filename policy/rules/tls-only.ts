import type { Rule } from "../rule";
import { resourcePolicies, statementsOf } from "../statements";

/** The services that answer without TLS, too. */
const types = Object.keys(resourcePolicies).filter((type) => /^aws:(s3|sns|sqs)\//.test(type));

export const tlsOnly: Rule = {
  name: "tls-only",
  description: "Buckets, topics and queues refuse requests without TLS. KMS and SageMaker have no endpoint without it.",
  types,
  judge(resource) {
    const denies = statementsOf(resource, resourcePolicies).some(
      ({ effect, principals, conditions }) =>
        effect === "Deny" && principals.includes("*") && conditions["aws:SecureTransport"] === "false",
    );
    return denies ? [] : ["does not deny requests with aws:SecureTransport false."];
  },
};
