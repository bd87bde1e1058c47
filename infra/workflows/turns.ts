/** Executions of a workflow that run one after another. */
import { elapsed, expression, pause, type State, type Workflow } from "./states";
import { callService } from "./tasks";

export interface TurnArgs {
  /** ARN of the state machine itself. */
  machineArn: string;
  pollSeconds: number;
}

/**
 * The names of the running executions that started before this one. Listings lag behind: until this one is among them, it
 * waits for itself.
 */
const ahead = `(${[
  "$all := $states.result.Executions",
  "$own := $all[ExecutionArn = $states.context.Execution.Id]",
  "$place := function($one) { $one.StartDate & $one.ExecutionArn }",
  "$exists($own) ? $join($append([], $all[$place($) < $place($own)].Name), ', ') : $states.context.Execution.Name",
].join("; ")})`;

/** The longest time that the tasks of a workflow take, the longest of them twice: it may be repeated. */
function longestTime(states: Workflow["states"]): number {
  const times = Object.values(states).map((state) => (state.type === "task" ? state.timeoutSeconds : 0));
  return times.reduce((sum, time) => sum + time, Math.max(...times));
}

/**
 * The workflow, with states in front of it with which each execution waits until it is the oldest one that runs: two runs at once
 * would overwrite each other's tables. It waits as long as an execution may take, and then fails.
 */
export function inTurn(workflow: Omit<Workflow, "timeoutSeconds">, { machineArn, pollSeconds }: TurnArgs): Workflow {
  const limit = longestTime(workflow.states);
  const waited = `$string($round(${elapsed} / 3600000, 1))`;
  const turn: Record<string, State> = {
    FindTurn: callService(
      "sfn",
      "listExecutions",
      { StateMachineArn: machineArn, StatusFilter: "RUNNING" },
      [machineArn],
      { assign: { ahead: expression(ahead) }, output: expression("$states.input"), next: "TurnCome" },
    ),
    TurnCome: {
      type: "choice",
      rules: [
        { when: "$ahead = ''", next: workflow.startAt },
        { when: `${elapsed} > ${limit * 1000}`, next: "TurnMissed" },
      ],
      otherwise: "WaitForTurn",
    },
    WaitForTurn: pause(pollSeconds, "FindTurn"),
    TurnMissed: {
      type: "pass",
      assign: {
        failure: {
          step: "WaitForTurn",
          error: "TurnMissed",
          cause: expression(
            `'This execution waited ' & ${waited} & ' hours for ' & $ahead & ', which started before it and has not ended. Start it again when that has.'`,
          ),
        },
      },
      next: workflow.onError,
    },
  };
  return { ...workflow, startAt: "FindTurn", timeoutSeconds: 2 * limit, states: { ...turn, ...workflow.states } };
}
