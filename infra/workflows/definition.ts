/** Converts a workflow to Amazon States Language with JSONata. */
import { expression, failureOf, type State, type TaskState, type Value, type Workflow } from "./states";

type Fields = Record<string, Value>;

function retries(state: TaskState): Fields {
  if (state.retry.length === 0) return {};
  return {
    Retry: state.retry.map((retry) => ({
      ErrorEquals: retry.errors,
      IntervalSeconds: retry.firstDelaySeconds,
      MaxAttempts: retry.attempts,
      BackoffRate: 2,
      MaxDelaySeconds: retry.maxDelaySeconds,
      JitterStrategy: "FULL",
    })),
  };
}

function catches(name: string, state: TaskState, onError: string): Fields {
  const own = (state.catch ?? []).map((handler) => ({
    ErrorEquals: handler.errors,
    ...(handler.assign === undefined ? {} : { Assign: handler.assign }),
    Next: handler.next,
  }));
  const shared = state.handled ? [{ ErrorEquals: ["States.ALL"], Assign: failureOf(name), Next: onError }] : [];
  // States.ALL must be the last catcher, so the shared one is left out if the task has its own.
  const catchesAll = (state.catch ?? []).some((handler) => handler.errors.includes("States.ALL"));
  const all = catchesAll ? own : [...own, ...shared];
  return all.length === 0 ? {} : { Catch: all };
}

function definitionOf(name: string, state: State, onError: string): Fields {
  switch (state.type) {
    case "task":
      return {
        Type: "Task",
        Resource: state.resource,
        Arguments: state.arguments,
        ...(state.assign === undefined ? {} : { Assign: state.assign }),
        ...(state.output === undefined ? {} : { Output: state.output }),
        TimeoutSeconds: state.timeoutSeconds,
        ...retries(state),
        ...catches(name, state, onError),
        Next: state.next,
      };
    case "choice":
      return {
        Type: "Choice",
        Choices: state.rules.map((rule) => ({ Condition: expression(rule.when), Next: rule.next })),
        Default: state.otherwise,
      };
    case "pass":
      return { Type: "Pass", Assign: state.assign, Next: state.next };
    case "wait":
      return { Type: "Wait", Seconds: state.seconds, Next: state.next };
    case "succeed":
      return { Type: "Succeed", Output: state.output };
    case "fail":
      return { Type: "Fail", Error: state.error, Cause: state.cause };
  }
}

/** The state machine's definition as an object; its strings may be Pulumi outputs. */
export function definition(workflow: Workflow): Fields {
  return {
    Comment: workflow.comment,
    QueryLanguage: "JSONata",
    StartAt: workflow.startAt,
    TimeoutSeconds: workflow.timeoutSeconds,
    States: Object.fromEntries(
      Object.entries(workflow.states).map(([name, state]) => [name, definitionOf(name, state, workflow.onError)]),
    ),
  };
}
