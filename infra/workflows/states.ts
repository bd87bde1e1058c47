/**
 * A workflow as plain objects. The state machine's definition (definition.ts), the permissions of its role (permissions.ts)
 * and the validation (check.ts) are all derived from the same objects.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Conditions } from "../iam/statements";

/** A JSON value whose strings may be Pulumi outputs or JSONata between `{%` and `%}`. */
export type Value =
  | pulumi.Input<string>
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [key: string]: Value };

/** Permissions that a task needs. */
export interface Grant {
  actions: readonly string[];
  resources: readonly pulumi.Input<string>[];
  conditions?: Conditions;
}

/** Retry policy of a task: exponential backoff (rate 2) with full jitter. */
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
  /** Catchers that come before the workflow's error handler. */
  catch?: readonly Catch[];
  /** Whether uncaught errors go to the workflow's error handler. False for the handler itself. */
  handled: boolean;
  timeoutSeconds: number;
  grants: readonly Grant[];
  next: string;
}

export interface ChoiceState {
  type: "choice";
  /** JSONata conditions without `{% %}`; the first one that is true applies. */
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
  /** A number or an expression. */
  seconds: number | string;
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
  /** The state that handles uncaught errors. The variable `$failure` holds {step, error, cause}. */
  onError: string;
  timeoutSeconds: number;
}

/** Wraps a JSONata expression in `{% %}`. */
export function expression(jsonata: string): string {
  return `{% ${jsonata} %}`;
}

/** The milliseconds since the execution began, as JSONata. */
export const elapsed = "($millis() - $toMillis($states.context.Execution.StartTime))";

/**
 * A state that waits before the next poll: so many seconds, or a hundredth of the time since the execution began if that is longer.
 * However short the first waits are, the polls of a day stay far below the 25,000 events that the history of an execution may have.
 */
export function pause(seconds: number, next: string): WaitState {
  return { type: "wait", seconds: expression(`$max([${seconds}, $floor(${elapsed} / 100000)])`), next };
}

/** The execution's ARN, name and start time, for a Lambda's payload. */
export const execution: Value = {
  arn: expression("$states.context.Execution.Id"),
  name: expression("$states.context.Execution.Name"),
  started_at: expression("$states.context.Execution.StartTime"),
};

/** Assigns step, error and cause to `$failure`, for the alert and for the failed execution. */
export function failureOf(step: string): Readonly<Record<string, Value>> {
  return {
    failure: {
      step,
      error: expression("$states.errorOutput.Error"),
      cause: expression("$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ''"),
    },
  };
}

/** The possible next states of a state, including the error handler. */
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
