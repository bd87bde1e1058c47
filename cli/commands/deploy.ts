import { type Command, InvalidArgumentError } from "commander";
import { type ServeInput, type ServeOutput, serveOutput } from "../../contracts/serve-execution";
import { pipelineNames, stateMachineArn } from "../../infra/names";
import { readableCause } from "../../lambdas/shared/cause";
import { slug } from "../../lambdas/shared/names";
import { followShown } from "../runs/follow";
import { notDeployed } from "../shared/deployed";
import { startExecution } from "../shared/executions";
import { printResult } from "../shared/output";
import { CommandProblem, nameOf, UsageProblem } from "../shared/problem";
import { connect } from "../shared/session";
import { pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

interface DeployOptions extends StackOptions {
  reason?: string;
  approvedAt?: Date;
}

export function addDeploy(program: Command): void {
  withStackOptions(program.command("deploy <pipeline> <version>"))
    .description("start the deployment of an approved version and follow it to the endpoint")
    .option("--reason <text>", "the reason, kept with the deployment")
    .option(
      "--approved-at <time>",
      "when it was approved; the same approval is deployed once, however often",
      parseTime,
    )
    .addHelpText(
      "after",
      `
An approval starts its deployment itself; this starts another, for example after a failed one or to go back to an earlier
version. The GitHub workflow deploy-model runs it where serving.trigger is github (docs/delivery.md).

Examples:
  npx daybreak deploy cdnow 1 --reason "v2 promised more than it kept"
  npm run deploy-model -- cdnow 2 --environment prod --approved-at 2026-01-31T05:00:00Z`,
    )
    .action(deploy);
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError("Expected a time such as 2026-01-31T05:00:00Z.");
}

export function parseVersion(text: string): number {
  const version = Number(text.replace(/^v/, ""));
  if (Number.isInteger(version) && version > 0) return version;
  throw new UsageProblem(`${text} is not a version.`, "Expected a number, such as 2 or v2.");
}

/** Asks Step Functions only, so that a role which may start and read deployments can run it. The workflow checks the approval. */
async function deploy(pipeline: string, text: string, options: DeployOptions): Promise<void> {
  readPipeline(pipelinesIn(options), pipeline);
  const place = await connect(options, "writes");
  const version = parseVersion(text);
  const names = pipelineNames(place, pipeline);
  const machine = stateMachineArn(place, names.serveMachine);
  const input: ServeInput = {
    modelPackageArn: names.made.modelPackages.replace("*", String(version)),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const name = `v${version}-${slug(options.approvedAt?.toISOString() ?? `again-${Date.now()}`)}`;
  const arn = await startExecution(machine, name, input).catch((error: unknown) => {
    if (nameOf(error) === "StateMachineDoesNotExist") throw notDeployed(pipeline);
    // An event may come twice. The execution of the first has this name.
    if (nameOf(error) !== "ExecutionAlreadyExists") throw error;
    return `${machine.replace(":stateMachine:", ":execution:")}:${name}`;
  });
  const deployment = await followDeployment(arn, version, options);
  printResult(
    { pipeline, version, deployment },
    options,
    () => `v${version} of ${pipeline} ${consequence(deployment)}.`,
  );
}

export interface Deployment {
  execution: string;
  outcome: ServeOutput["outcome"];
  seconds: number;
}

/** Follows a deployment to its end. Throws if it failed. */
export async function followDeployment(arn: string, version: number, options: StackOptions): Promise<Deployment> {
  const name = arn.split(":").at(-1) ?? arn;
  const execution = await followShown({ arn, name, what: "Deployment" }, options);
  if (execution.status === "SUCCEEDED") {
    return { execution: arn, outcome: serveOutput.parse(execution.output).outcome, seconds: execution.seconds };
  }
  throw new CommandProblem(
    `The deployment of v${version} ended as ${execution.status}: ${readableCause(execution.cause)}`,
    `Execution: ${arn}`,
  );
}

/** What a deployment led to, as the end of a sentence about its version. */
export function consequence({ outcome, seconds }: Deployment): string {
  const took = `${seconds.toFixed(0)} s`;
  return outcome === "deployed" ? `serves (${took})` : `was deployed, and a later deployment has replaced it (${took})`;
}
