/** The state machines of the pipelines that are deployed. */
import { paginateListStateMachines } from "@aws-sdk/client-sfn";
import { environmentNames, type Place, stateMachineArn } from "../../infra/names";
import { clients } from "../shared/clients";

/** The ARN of an execution of a state machine. */
export const executionArn = (place: Place, machine: string, name: string): string =>
  `${stateMachineArn(place, machine).replace(":stateMachine:", ":execution:")}:${name}`;

/** The names of the pipelines that are deployed, sorted: those that have a run workflow. */
export async function deployedPipelines(place: Place): Promise<string[]> {
  const { prefix } = environmentNames(place);
  const isRunMachine = new RegExp(`^${prefix}-([a-z][a-z0-9-]*)-run$`);
  const found: string[] = [];
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: clients.stepFunctions() }, {})) {
    found.push(...stateMachines.flatMap(({ name = "" }) => isRunMachine.exec(name)?.[1] ?? []));
  }
  return found.sort();
}
