/** The rules of the policy pack, each on its violating fixture, and all of them on the whole program. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { problemsOf, type Resource } from "../../policy/rule";
import { rules } from "../../policy/rules";
import { fixtureOf } from "./support/policy-fixtures";
import { root } from "./support/root";
import { environments, githubSettings, programSettings, settingsOf, wholeProgram } from "./support/whole-program";

const policy = join(root, "policy");
const filesOf = (folder: string) => readdirSync(join(policy, folder)).map((file) => file.replace(/\.\w+$/, ""));

/** The provider with the default tags of an environment; mocks have no providers. */
function provider(environment: string): Resource {
  const props = { defaultTags: settingsOf(environment)["aws:defaultTags"] };
  return { type: "pulumi:providers:aws", name: environment, urn: environment, props, opts: { protect: false } };
}

describe("the rules of the policy pack", () => {
  it("are one file each, with a fixture of the same name", () => {
    const names = rules.map(({ name }) => name).sort();
    expect(filesOf("rules").sort()).toEqual([...names, "index"].sort());
    expect(filesOf("fixtures").sort()).toEqual(names);
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))("%s finds what its fixture violates", (name, rule) => {
    const { resources, problems } = fixtureOf(name);
    expect(problems.length).toBeGreaterThan(0);
    expect(problemsOf(rule, resources).map(({ message }) => message)).toEqual(problems);
  });
});

describe("the whole program", () => {
  let resources: Resource[];

  beforeAll(async () => {
    // prod has rules of its own.
    const stacks = [await wholeProgram(), await wholeProgram({ ...programSettings("prod"), ...githubSettings })];
    const recorded = stacks.flatMap((stack) => stack.resources);
    resources = recorded.map(({ type, name, urn, inputs, protect }) => ({
      ...{ type, name, urn, props: inputs, opts: { protect } },
    }));
    resources.push(...environments.map(provider));
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))("obeys %s", (_, rule) => {
    const found = new Set(resources.map(({ type }) => type));
    expect(rule.types.filter((type) => !found.has(type))).toEqual([]);
    expect(problemsOf(rule, resources)).toEqual([]);
  });
});
