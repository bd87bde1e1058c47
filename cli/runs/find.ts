/** Finds an execution by its name, its run's ID or its ARN. */
import * as z from "zod/mini";
import { type WorkflowName, workflowName } from "../../contracts/alert-message";
import { runPlan } from "../../contracts/run-plan";
import { environmentNames, type Place, pipelineNames } from "../../infra/names";
import { type Chosen, commandLine } from "../../lambdas/shared/command-line";
import { describeExecution, type Execution } from "../shared/executions";
import { readJson } from "../shared/lake";
import { CommandProblem, nameOf, UsageProblem } from "../shared/problem";
import { deployedPipelines, executionArn } from "./machines";
import { reportFolder } from "./record";

export interface FoundExecution {
  pipeline: string;
  workflow: WorkflowName;
  execution: Execution;
}

/** The execution of a run, a deployment or a drift check with this name, run ID or ARN. */
export async function findAnyExecution(place: Place, text: string, chosen: Chosen = {}): Promise<FoundExecution> {
  const found = text.startsWith("arn:") ? await byArn(place, text) : await byName(place, text);
  const [first, ...others] = found;
  if (first === undefined) {
    throw new CommandProblem(
      `There is no run, deployment or drift check ${text} in the environment ${place.environment}.`,
      `See the newest runs: ${commandLine(["runs"], chosen)}`,
    );
  }
  if (others.length > 0) {
    const arns = found.map(({ execution }) => execution.arn).join("\n");
    throw new UsageProblem(
      `${found.length} executions have the name ${text}.`,
      `Give the ARN of one of them:\n${arns}`,
    );
  }
  return first;
}

async function byArn(place: Place, arn: string): Promise<FoundExecution[]> {
  const { prefix } = environmentNames(place);
  const machine = new RegExp(`:execution:${prefix}-([a-z][a-z0-9-]*)-(${workflowName.options.join("|")}):[^:]+$`);
  const [, pipeline, workflow] = machine.exec(arn) ?? [];
  if (pipeline === undefined) {
    throw new UsageProblem(
      `${arn} is not the ARN of an execution in the environment ${place.environment}.`,
      `Expected arn:aws:states:<region>:<account>:execution:${prefix}-<pipeline>-<run, serve or monitor>:<name>`,
    );
  }
  const execution = await describeIfThere(arn);
  return execution === undefined ? [] : [{ pipeline, workflow: workflowName.parse(workflow), execution }];
}

async function byName(place: Place, name: string): Promise<FoundExecution[]> {
  const candidates = (await deployedPipelines(place)).flatMap((pipeline) =>
    workflowName.options.map((workflow) => ({ pipeline, workflow })),
  );
  const found = await Promise.all(
    candidates.map(async ({ pipeline, workflow }) => {
      const arn = executionArn(place, pipelineNames(place, pipeline)[`${workflow}Machine`], name);
      const execution =
        (await describeIfThere(arn)) ?? (workflow === "run" ? await byRunId(place, pipeline, name) : undefined);
      return execution === undefined ? [] : [{ pipeline, workflow, execution }];
    }),
  );
  return found.flat();
}

const planned = z.pick(runPlan, { execution_arn: true });

/** A run's ID is shorter than its execution's name where that is long; its plan names the execution. */
async function byRunId(place: Place, pipeline: string, runId: string): Promise<Execution | undefined> {
  const plan = await readJson(`${reportFolder(place, pipeline, runId)}/plan.json`, planned);
  return plan === undefined ? undefined : describeIfThere(plan.execution_arn);
}

async function describeIfThere(arn: string): Promise<Execution | undefined> {
  try {
    return await describeExecution(arn);
  } catch (error) {
    // A name that Step Functions would not accept belongs to no execution.
    if (/^(ExecutionDoesNotExist|StateMachineDoesNotExist|InvalidArn)$/.test(nameOf(error))) return undefined;
    throw error;
  }
}
