/** The policy pack: `pulumi preview --policy-pack policy` and `pulumi up --policy-pack policy` judge a stack by these rules. */
import { type Policies, PolicyPack, type PolicyResource, type ResourceValidationArgs } from "@pulumi/policy";
import { problemsOf, type Resource } from "./rule";
import { rules } from "./rules";

/** The engine does not list providers; each resource names its own. */
function providersOf(resources: readonly PolicyResource[]): Resource[] {
  const all = resources.flatMap(({ provider }) => (provider === undefined ? [] : [provider]));
  const byUrn = new Map(all.map((provider) => [provider.urn, { ...provider, opts: { protect: false } }]));
  return [...byUrn.values()];
}

function asResource({ type, name, urn, props, opts }: PolicyResource | ResourceValidationArgs): Resource {
  return { type, name, urn, props, opts: { protect: opts.protect } };
}

const policies: Policies = rules.map((rule) => {
  const { name, description, wholeStack } = rule;
  const common = { name, description, enforcementLevel: "mandatory" as const };
  if (wholeStack) {
    return {
      ...common,
      validateStack: ({ resources }, report) => {
        const all = [...resources.map(asResource), ...providersOf(resources)];
        for (const { message, urn } of problemsOf(rule, all)) report(message, urn);
      },
    };
  }
  return {
    ...common,
    validateResource: (resource, report) => {
      for (const { message } of problemsOf(rule, [asResource(resource)])) report(message);
    },
  };
});

new PolicyPack("daybreak", { policies });
