/** The plan of a deployment, made by running the program as a preview. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Adapter, Cloud, Existing } from "./adapter";
import { DeploymentError, duplicate, noAdapter } from "./errors";
import { dataWouldBeLost, type PlannedStep } from "./events";
import { contextOf, logicalName } from "./naming";
import type { ResourceRecord, State } from "./state";
import { hasUnknown, reveal, storableInputs, UNKNOWN, UNKNOWN_FORM } from "./values";

/** A resource as the program registered it. */
export interface Registration {
  urn: string;
  type: string;
  inputs: Record<string, unknown>;
  /** The URNs that each input depends on. */
  dependencies: ReadonlyMap<string, readonly string[]>;
  protect: boolean;
  /** Pulumi's retainOnDelete: removed from the state, not from the cloud. */
  retain: boolean;
  /** Inputs that keep their last value. */
  ignoreChanges: readonly string[];
}

/** The inputs as the state stores them: those whose changes are ignored keep what is stored. */
export function formsOf({ inputs, ignoreChanges }: Registration, state: State, stored?: ResourceRecord) {
  const forms = storableInputs(inputs, state.salt);
  const kept = ignoreChanges.filter((input) => stored !== undefined && input in stored.inputs);
  return { ...forms, ...Object.fromEntries(kept.map((input) => [input, stored?.inputs[input]])) };
}

export type Action = PlannedStep["action"] | "same";

/** The planned operation on one resource. */
type Step = Omit<PlannedStep, "action"> & { action: Action };

export interface PlannerOptions {
  adapters: ReadonlyMap<string, Adapter>;
  state: State;
  cloud: Cloud;
}

/** Plans every resource before any is changed. */
export class Planner {
  private readonly steps = new Map<string, Step>();
  private readonly problems: DeploymentError[] = [];

  constructor(private readonly options: PlannerOptions) {}

  /** Records the planned step. Returns the known outputs, unless the resource is created or replaced. */
  visit(registration: Registration): Partial<Existing> {
    const { urn, type, inputs } = registration;
    if (this.steps.has(urn)) this.problems.push(duplicate(urn, type));
    const adapter = this.options.adapters.get(type);
    const issues = adapter === undefined ? [] : inputIssues(adapter, inputs);
    if (adapter === undefined) this.problems.push(noAdapter(urn, type));
    if (issues.length > 0) this.problems.push(refusal(type, urn, issues));
    const record = this.options.state.existing(urn);
    const step = { urn, resourceType: type, name: logicalName(urn), because: [], deleteFirst: false };
    if (adapter === undefined || record === undefined) {
      this.steps.set(urn, { ...step, action: "create" });
      return {};
    }
    const found = this.compare(adapter, registration, record);
    this.steps.set(urn, { ...step, ...found });
    if (found.action !== "replace") return { id: record.id, outputs: record.outputs };
    if (record.protect)
      this.problems.push(protectedRefusal(urn, type, `replaced, because ${found.because.join(", ")} changed`));
    return {};
  }

  private compare(adapter: Adapter, registration: Registration, record: ResourceRecord) {
    const { urn, protect, retain } = registration;
    const forms = formsOf(registration, this.options.state, record);
    const context = contextOf(this.options.cloud, urn);
    // A part of a parent that is deleted first is replaced with it, even if no input changes.
    const orphaned = this.orphaned(registration).map((input) => [input, UNKNOWN_FORM]);
    const difference = adapter.difference(context, record.inputs, { ...forms, ...Object.fromEntries(orphaned) });
    const { replacing, deleteFirst } = difference;
    if (replacing.length > 0)
      return { action: "replace" as const, because: replacing, deleteFirst, loses: adapter.holds };
    const settled = record.pending === undefined && record.protect === protect && record.retain === retain;
    if (settled && isDeepStrictEqual(forms, record.inputs)) return { action: "same" as const };
    return { action: "update" as const, because: difference.changed };
  }

  /** The inputs that depend on a resource to be deleted before its replacement is created. */
  private orphaned({ dependencies }: Registration): string[] {
    const goes = (urn: string) => this.steps.get(urn)?.deleteFirst ?? false;
    return [...dependencies].flatMap(([input, urns]) => (urns.some(goes) ? [input] : []));
  }

  /** The complete plan, once the program has run. Throws a DeploymentError that lists every problem. */
  finish(): Plan {
    const unwanted = this.options.state.records().filter(([urn]) => !this.steps.has(urn));
    for (const [urn, { type, protect, pending, retain }] of unwanted) {
      if (retain) continue;
      const adapter = this.options.adapters.get(type);
      if (adapter === undefined) this.problems.push(noAdapter(urn, type));
      if (protect)
        this.problems.push(protectedRefusal(urn, type, "deleted, because the program no longer declares it"));
      // Deleting the leftover of an interrupted replacement was confirmed when that replacement started.
      const loses = urn.includes("#") || pending === "create" ? undefined : adapter?.holds;
      const step = { urn, resourceType: type, name: logicalName(urn), because: [], deleteFirst: false, loses };
      this.steps.set(urn, { ...step, action: "delete" });
    }
    this.refuseProblems();
    return new Plan(this.steps);
  }

  private refuseProblems(): void {
    const [first, ...others] = this.problems;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const lines = this.problems.map(({ message }) => `- ${message}`).join("\n");
    throw new DeploymentError(
      `Nothing was deployed, because ${this.problems.length} resources cannot be deployed.\n${lines}`,
      first.facts,
    );
  }
}

/** The planned steps by URN. */
export class Plan {
  constructor(private readonly all: ReadonlyMap<string, Step>) {}

  step(urn: string): Step | undefined {
    return this.all.get(urn);
  }

  /** The steps that change something. */
  get steps(): PlannedStep[] {
    return [...this.all.values()].filter((step): step is PlannedStep => step.action !== "same");
  }

  get unchanged(): number {
    return this.all.size - this.steps.length;
  }

  /** Throws before any change if data would be lost without confirmation. */
  refuseLosses(): void {
    const losing = this.steps.filter(({ loses }) => loses !== undefined);
    if (losing.length === 0) return;
    const lines = losing.map(({ name, action, because, loses }) => {
      const why = action === "replace" ? `replaced, because ${because.join(", ")} changed` : "deleted";
      return `- ${name} is ${why}: ${loses} would be lost`;
    });
    throw new DeploymentError(`Nothing was deployed, because data would be lost:\n${lines.join("\n")}`, {
      code: dataWouldBeLost,
      advice: "Revert the change, or confirm it with --yes.",
    });
  }
}

/** Parses the inputs with the adapter's schema; the error names each unsupported key. */
export function checkInputs(adapter: Adapter, urn: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const issues = inputIssues(adapter, inputs);
  if (issues.length > 0) throw refusal(adapter.type, urn, issues);
  return reveal(inputs) as Record<string, unknown>;
}

/** The same check for known values only; unknown ones are checked during the deployment. Returns one line per problem. */
export function inputIssues(adapter: Adapter, inputs: Record<string, unknown>): string[] {
  const parsed = adapter.inputs.safeParse(reveal(inputs));
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => describeIssue(issue, inputs));
}

function refusal(type: string, urn: string, issues: readonly string[]): DeploymentError {
  return new DeploymentError(`${logicalName(urn)} (${type}): ${issues.join("; ")}.`, {
    urn,
    resourceType: type,
    advice: "Correct the input in infra/, or support it in the adapter in local/deploy/adapters/.",
  });
}

function protectedRefusal(urn: string, type: string, what: string): DeploymentError {
  return new DeploymentError(`${logicalName(urn)} (${type}) is protected and would be ${what}.`, {
    urn,
    resourceType: type,
    advice: "Revert the change. To apply it, first deploy without the protection (daybreak:protectData).",
  });
}

function describeIssue(issue: z.core.$ZodIssue, inputs: Record<string, unknown>): string[] {
  const at = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `the input "${[...at, key].join(".")}" is not supported by the local deployer`);
  }
  if (hasUnknown(valueAt(reveal(inputs), at))) return [];
  return [`the input "${at.join(".")}" is invalid: ${issue.message.replace(/^Invalid input: /, "")}`];
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
