/** Checks of what the program declares, made before anything exists: each type has an adapter, each input is carried out. */
import type { z } from "zod";
import type { Adapter } from "./adapter";
import type { Registration } from "./engine";
import { DeploymentError, duplicate, noAdapter } from "./errors";
import { hasUnknown, reveal, UNKNOWN } from "./values";

/** An input that the program declares and the local cloud has no counterpart for. */
export interface NotEmulated {
  resourceType: string;
  input: string;
  reason: string;
  /** How many resources declare it. */
  resources: number;
}

/** Looks at every resource of a program before any of them exists. */
export class DryPass {
  private readonly lacking = new Map<string, NotEmulated>();
  private readonly seen = new Set<string>();
  private readonly problems: DeploymentError[] = [];

  constructor(private readonly adapters: ReadonlyMap<string, Adapter>) {}

  /** How many resources the program registers. */
  get count(): number {
    return this.seen.size;
  }

  /** Notes what is wrong with a resource. Returns no outputs: nobody knows them yet. */
  visit({ urn, type, inputs }: Registration): Record<string, never> {
    if (this.seen.has(urn)) this.problems.push(duplicate(urn, type));
    this.seen.add(urn);
    const adapter = this.adapters.get(type);
    if (adapter === undefined) {
      this.problems.push(noAdapter(urn, type));
      return {};
    }
    const issues = inputIssues(adapter, inputs);
    if (issues.length > 0) this.problems.push(refusal(type, urn, issues));
    for (const [input, reason] of Object.entries(adapter.notEmulated)) {
      if (inputs[input] === undefined) continue;
      const key = `${type} ${input}`;
      const { resources } = this.lacking.get(key) ?? { resources: 0 };
      this.lacking.set(key, { resourceType: type, input, reason, resources: resources + 1 });
    }
    return {};
  }

  get notEmulated(): NotEmulated[] {
    return [...this.lacking.values()];
  }

  /** Ends the deployment, before it made anything, when any resource cannot be carried out. */
  refuseProblems(): void {
    const [first, ...others] = this.problems;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const lines = this.problems.map(({ message }) => `- ${message}`).join("\n");
    throw new DeploymentError(
      `Nothing was deployed: ${this.problems.length} resources cannot be.\n${lines}`,
      first.facts,
    );
  }
}

/** Parses the inputs with the adapter's schema; what it does not carry out is an error that names each key. */
export function checkInputs(adapter: Adapter, urn: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const plain = reveal(inputs) as Record<string, unknown>;
  const issues = inputIssues(adapter, plain);
  if (issues.length > 0) throw refusal(adapter.type, urn, issues);
  return plain;
}

/** The same check in a dry pass: what depends on a value not known yet is left for later. Returns one line a problem. */
export function inputIssues(adapter: Adapter, inputs: Record<string, unknown>): string[] {
  const parsed = adapter.inputs.safeParse(reveal(inputs));
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => describeIssue(issue, inputs));
}

export function refusal(type: string, urn: string, issues: readonly string[]): DeploymentError {
  const name = urn.split("::").pop() ?? urn;
  return new DeploymentError(`${name} (${type}): ${issues.join("; ")}.`, {
    urn,
    resourceType: type,
    advice: "Correct the input in infra/, or teach the adapter in local/deploy/adapters/ to carry it out.",
  });
}

function describeIssue(issue: z.core.$ZodIssue, inputs: Record<string, unknown>): string[] {
  const at = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `the input "${[...at, key].join(".")}" is not carried out by the local deployer`);
  }
  if (hasUnknown(valueAt(reveal(inputs), at))) return [];
  return [`the input "${at.join(".")}" is not as expected: ${issue.message}`];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (current === UNKNOWN) return UNKNOWN;
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}
