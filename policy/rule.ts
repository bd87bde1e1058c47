/** What a rule is, apart from Pulumi's policy engine, so that tests run it over a recorded program. */

/** A resource as the program declares it: properties are spelled as in TypeScript. */
export interface Resource {
  type: string;
  name: string;
  /** With the stack's name: `urn:pulumi:<stack>::<project>::<types>::<name>`. */
  urn: string;
  props: Readonly<Record<string, unknown>>;
  opts: { protect: boolean };
}

/** A violation: the resource, and what is wrong with it. */
export interface Problem {
  urn: string;
  message: string;
}

export interface Rule {
  name: string;
  description: string;
  /** The types that it judges; the program must have resources of all of them, or the rule would be idle. */
  types: readonly string[];
  /** Whether it looks at other resources, too: the engine then asks it at the end, otherwise before it makes the resource. */
  wholeStack?: true;
  /** What is wrong with one of these resources, seen with all others. */
  judge(resource: Resource, all: readonly Resource[]): readonly string[];
}

/** Whether a resource belongs to the stack `prod`, which has rules of its own. */
export function isProduction(urn: string): boolean {
  return urn.startsWith("urn:pulumi:prod::");
}

/** What the rule finds among all resources. */
export function problemsOf(rule: Rule, all: readonly Resource[]): Problem[] {
  return all
    .filter(({ type }) => rule.types.includes(type))
    .flatMap((resource) => rule.judge(resource, all).map((message) => ({ urn: resource.urn, message })));
}

/** A value inside an object, by its path; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (typeof inside === "object" && inside !== null ? Reflect.get(inside, key) : undefined),
    value,
  );
}
