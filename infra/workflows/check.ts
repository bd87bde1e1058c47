/** Validates a workflow before it is deployed and reports all mistakes at once. */
import { nextStates, type Value, type Workflow } from "./states";

const longestName = 80;

/** The states that can be reached from a state, including itself. */
function reachable(workflow: Workflow, from: string): Set<string> {
  const found = new Set<string>();
  const waiting = [from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const state = workflow.states[name];
    if (state === undefined || found.has(name)) continue;
    found.add(name);
    waiting.push(...nextStates(state, workflow.onError));
  }
  return found;
}

/** Strings with an incomplete `{% … %}`, which Step Functions would treat as plain text. */
function halfExpressions(value: Value): string[] {
  if (typeof value === "string") {
    const [opens, closes] = [value.startsWith("{%"), value.endsWith("%}")];
    return opens === closes && (opens || !/\{%|%\}/.test(value)) ? [] : [value];
  }
  if (Array.isArray(value)) return value.flatMap(halfExpressions);
  // Skips Pulumi outputs: their value is not known yet and is never an expression.
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return [];
  return Object.values(value as Record<string, Value>).flatMap(halfExpressions);
}

/** States that poll in equal intervals: a long wait would overrun the history of the execution. */
function tirelessPolls(workflow: Workflow): string[] {
  return Object.entries(workflow.states).flatMap(([name, state]) =>
    state.type === "wait" && typeof state.seconds === "number" && reachable(workflow, state.next).has(name)
      ? [`state "${name}" waits equally long in every round; use pause()`]
      : [],
  );
}

function mistakesOf(workflow: Workflow): string[] {
  const names = Object.keys(workflow.states);
  const targets = [
    ["StartAt", workflow.startAt] as const,
    ...Object.entries(workflow.states).flatMap(([name, state]) =>
      nextStates(state, workflow.onError).map((next) => [`state "${name}"`, next] as const),
    ),
  ];
  const missing = targets
    .filter(([, target]) => workflow.states[target] === undefined)
    .map(([from, target]) => `${from} leads to "${target}", which does not exist; the states are ${names.join(", ")}`);
  const fromStart = reachable(workflow, workflow.startAt);
  const unreached = names.filter((name) => !fromStart.has(name)).map((name) => `state "${name}" is unreachable`);
  const endless = names
    .filter((name) => fromStart.has(name))
    .filter((name) => {
      const types = [...reachable(workflow, name)].map((reached) => workflow.states[reached]?.type);
      return !types.includes("succeed") && !types.includes("fail");
    })
    .map((name) => `state "${name}" never leads to an end state`);
  const tooLong = names
    .filter((name) => name.length > longestName)
    .map((name) => `the state name "${name}" is ${name.length} characters long; AWS allows ${longestName}`);
  const broken = Object.entries(workflow.states).flatMap(([name, state]) =>
    Object.entries(state).flatMap(([field, value]) =>
      field === "grants" || field === "rules"
        ? []
        : halfExpressions(value as Value).map(
            (text) => `state "${name}" has an incomplete JSONata expression: ${text}`,
          ),
    ),
  );
  return [...missing, ...unreached, ...endless, ...tooLong, ...broken, ...tirelessPolls(workflow)];
}

/** @throws Error listing every mistake */
export function checkWorkflow(name: string, workflow: Workflow): void {
  const mistakes = mistakesOf(workflow);
  if (mistakes.length === 0) return;
  throw new Error(`The workflow "${name}" is invalid:\n${mistakes.map((mistake) => `  - ${mistake}`).join("\n")}`);
}
