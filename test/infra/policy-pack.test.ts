/** The rules of the policy pack, each on its violating fixture, and all of them on the whole program. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { at, problemsOf, type Resource } from "../../policy/rule";
import { rules } from "../../policy/rules";
import { fixtureOf } from "./support/policy-fixtures";
import { root } from "./support/root";
import { githubSettings, wholeProgram } from "./support/whole-program";

const policy = join(root, "policy");
const filesOf = (folder: string) => readdirSync(join(policy, folder)).map((file) => file.replace(/\.\w+$/, ""));

/** The provider with the default tags of each stack's settings; mocks have no providers. */
function providers(): Resource[] {
  return readdirSync(root)
    .filter((file) => /^Pulumi\.\w+\.yaml$/.test(file))
    .map((file) => ({
      type: "pulumi:providers:aws",
      name: file,
      urn: file,
      props: { defaultTags: at(parse(readFileSync(join(root, file), "utf8")), "config", "aws:defaultTags") },
      opts: { protect: false },
    }));
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
    const stacks = [await wholeProgram(), await wholeProgram(githubSettings)];
    const recorded = stacks.flatMap((stack) => stack.resources);
    resources = recorded.map(({ type, name, urn, inputs, protect }) => ({
      ...{ type, name, urn, props: inputs, opts: { protect } },
    }));
    resources.push(...providers());
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))("obeys %s", (_, rule) => {
    const found = new Set(resources.map(({ type }) => type));
    expect(rule.types.filter((type) => !found.has(type))).toEqual([]);
    expect(problemsOf(rule, resources)).toEqual([]);
  });
});
