/**
 * A workflow as plain objects. One walk turns it into a definition (definition.ts), another into the permissions of its role
 * (permissions.ts), a third finds what is wrong with it (check.ts): the three cannot drift apart.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Conditions } from "../iam/statements";

/** JSON whose strings may be outputs of resources, or JSONata between `{%` and `%}`. */
export type Value =
  | pulumi.Input<string>
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [key: string]: Value };

/** What a state's task needs to be allowed. */
export interface Grant {
  actions: readonly string[];
  resources: readonly pulumi.Input<string>[];
  conditions?: Conditions;
}

/** When to try a task again: always with growing distances and jitter. */
export interface Retry {
  errors: readonly string[];
  firstDelaySeconds: number;
  attempts: number;
  maxDelaySeconds: number;
}

export interface Catch {
  errors: readonly string[];
  assign?: Readonly<Record<string, Value>>;
  next: string;
}

export interface TaskState {
  type: "task";
  resource: string;
  arguments: Value;
  assign?: Readonly<Record<string, Value>>;
  output?: Value;
  retry: readonly Retry[];
  /** Tried before the workflow's own handler. */
  catch?: readonly Catch[];
  /** Whether an error here ends in the workflow's handler; not so within the handler itself. */
  handled: boolean;
  timeoutSeconds: number;
  grants: readonly Grant[];
  next: string;
}

export interface ChoiceState {
  type: "choice";
  /** JSONata conditions, without the delimiters; the first that is true decides. */
  rules: readonly { when: string; next: string }[];
  otherwise: string;
}

export interface PassState {
  type: "pass";
  assign: Readonly<Record<string, Value>>;
  next: string;
}

export interface WaitState {
  type: "wait";
  seconds: number;
  next: string;
}

export interface SucceedState {
  type: "succeed";
  output: Value;
}

export interface FailState {
  type: "fail";
  error: string;
  cause: string;
}

export type State = TaskState | ChoiceState | PassState | WaitState | SucceedState | FailState;

export interface Workflow {
  comment: string;
  startAt: string;
  states: Readonly<Record<string, State>>;
  /** The state that handles what no task caught; it finds `$failure` = {step, error, cause}. */
  onError: string;
  timeoutSeconds: number;
}

/** A JSONata expression as a value. */
export function expression(jsonata: string): string {
  return `{% ${jsonata} %}`;
}

/** What a Lambda is told of the execution that it works for. */
export const execution: Value = {
  arn: expression("$states.context.Execution.Id"),
  name: expression("$states.context.Execution.Name"),
  started_at: expression("$states.context.Execution.StartTime"),
};

/** The assignment that keeps what went wrong, for the alert and for the end of the execution. */
export function failureOf(step: string): Readonly<Record<string, Value>> {
  return {
    failure: {
      step,
      error: expression("$states.errorOutput.Error"),
      cause: expression("$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ''"),
    },
  };
}

/** Every state that a state can lead to; `onError` counts for tasks that it handles. */
export function nextStates(state: State, onError: string): string[] {
  switch (state.type) {
    case "task":
      return [state.next, ...(state.catch ?? []).map((handler) => handler.next), ...(state.handled ? [onError] : [])];
    case "choice":
      return [...state.rules.map((rule) => rule.next), state.otherwise];
    case "pass":
    case "wait":
      return [state.next];
    case "succeed":
    case "fail":
      return [];
  }
}
