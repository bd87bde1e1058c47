import type { Place } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import { deployedPipelines } from "../runs/machines";
import { CommandProblem } from "./problem";
import { addressedCloud } from "./session";

/** The failure of a command whose pipeline is not deployed in the stack that it addresses. */
export function notDeployed(pipeline: string, deployed: readonly string[] = []): CommandProblem {
  const others = deployed.length === 0 ? "" : ` Deployed: ${deployed.join(", ")}.`;
  return new CommandProblem(`The pipeline ${pipeline} is not deployed here.${others}`, howToDeploy(pipeline));
}

function howToDeploy(pipeline: string): string {
  const cloud = addressedCloud();
  if (cloud === undefined) return "Deploy it with `pulumi up`; if daybreak:pipelines is set, name it there first.";
  // `up` removes the pipelines that it is not given.
  const pipelines = [...cloud.pipelines.filter((name) => name !== pipeline), pipeline];
  return `Deploy it: ${commandLine(["up", "--pipeline", ...pipelines], { port: cloud.port })}`;
}

/** @throws CommandProblem unless the pipeline is deployed */
export async function requireDeployed(place: Place, pipeline: string): Promise<void> {
  const deployed = await deployedPipelines(place);
  if (!deployed.includes(pipeline)) throw notDeployed(pipeline, deployed);
}
