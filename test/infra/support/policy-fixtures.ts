/** The fixtures of the policy pack: resources that violate a rule, and what it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "../../../policy/rule";
import { root } from "./root";

interface Fixture {
  resources: (Pick<Resource, "type" | "props"> & Partial<Resource>)[];
  problems: string[];
}

/** The fixture of a rule. Its resources are those of a stack `prod`, and not protected, unless it says otherwise. */
export function fixtureOf(rule: string): { resources: Resource[]; problems: string[] } {
  const file = join(root, "policy", "fixtures", `${rule}.json`);
  const { resources, problems }: Fixture = JSON.parse(readFileSync(file, "utf8"));
  const complete = resources.map((resource, index) => ({
    name: `r${index}`,
    urn: `urn:pulumi:prod::daybreak::${resource.type}::r${index}`,
    opts: { protect: false },
    ...resource,
  }));
  return { resources: complete, problems };
}
