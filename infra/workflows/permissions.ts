/** Derives the permissions of a state machine's role from the grants of its tasks. */
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../iam/statements";
import type { Grant, Workflow } from "./states";

/** Grants with the same key (actions and conditions) are merged into one statement. */
function key(grant: Grant): string {
  return JSON.stringify([[...grant.actions].sort(), grant.conditions ?? {}]);
}

/** The role's statements, in the order of the states. */
export function permissions(workflow: Workflow): Statement[] {
  const merged = new Map<string, { name: string; grant: Grant }>();
  for (const [name, state] of Object.entries(workflow.states)) {
    if (state.type !== "task") continue;
    for (const grant of state.grants) {
      const known = merged.get(key(grant));
      const resources = [...new Set([...(known?.grant.resources ?? []), ...grant.resources])];
      merged.set(key(grant), { name: known?.name ?? name, grant: { ...grant, resources } });
    }
  }
  const granted = new Map<string, Set<pulumi.Input<string>>>();
  const grants = [...merged.values()].flatMap(({ name, grant }) => {
    // What an earlier statement allows on the same resources is not repeated.
    const actions = grant.actions.filter((action) => {
      const one = key({ ...grant, actions: [action] });
      const known = granted.get(one) ?? new Set();
      granted.set(one, new Set([...known, ...grant.resources]));
      return grant.resources.some((resource) => !known.has(resource));
    });
    return actions.length === 0 ? [] : [{ name, grant: { ...grant, actions } }];
  });
  const used = new Map<string, number>();
  return grants.map(({ name, grant }) => {
    const base = name.replace(/[^A-Za-z0-9]/g, "");
    const count = (used.get(base) ?? 0) + 1;
    used.set(base, count);
    return { sid: `${base}${count}`, ...grant };
  });
}
