import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import type { Command } from "commander";
import { pipelineNames } from "../../infra/names";
import { readableCause } from "../../lambdas/shared/cause";
import { clients } from "../shared/clients";
import { findExecution, followExecution } from "../shared/executions";
import { printResult, say } from "../shared/output";
import { typedPath } from "../shared/paths";
import { CommandProblem, UsageProblem } from "../shared/problem";
import { findVersion } from "../shared/registry";
import { connect } from "../shared/session";
import { awsOption, environmentOption, jsonOption, pipelinesOption, readPipeline, type StackOptions } from "./options";

interface ReviewOptions extends StackOptions {
  reason: string;
  pipelines: string;
  wait: boolean;
}

const deploymentTimeoutMilliseconds = 60_000;

interface Review {
  verb: "approve" | "reject";
  status: "Approved" | "Rejected";
  description: string;
  example: string;
}

const reviews: readonly Review[] = [
  {
    verb: "approve",
    status: "Approved",
    description: "approve a registered version, and follow its deployment to the endpoint",
    example: 'npm run daybreak -- approve cdnow 2 --reason "AUC holds, drift explained"',
  },
  {
    verb: "reject",
    status: "Rejected",
    description: "reject a registered version",
    example: 'npm run daybreak -- reject cdnow 3 --reason "trained on the week of the outage"',
  },
];

export function addReview(program: Command): void {
  for (const review of reviews) {
    program
      .command(`${review.verb} <pipeline> <version>`)
      .description(review.description)
      .requiredOption("--reason <text>", "the reason, kept in the registry")
      .option("--no-wait", "do not follow the deployment")
      .addOption(pipelinesOption())
      .addOption(environmentOption())
      .addOption(awsOption())
      .addOption(jsonOption())
      .addHelpText("after", `\nExample:\n  ${review.example}`)
      .action((pipeline: string, version: string, options: ReviewOptions) => act(review, pipeline, version, options));
  }
}

function parseVersion(text: string): number {
  const version = Number(text.replace(/^v/, ""));
  if (Number.isInteger(version) && version > 0) return version;
  throw new UsageProblem(`${text} is not a version.`, "Expected its number, such as 2 or v2.");
}

async function act(review: Review, pipeline: string, text: string, options: ReviewOptions): Promise<void> {
  readPipeline(typedPath(options.pipelines), pipeline);
  const place = await connect(options);
  const names = pipelineNames(place, pipeline);
  const found = await findVersion(names, parseVersion(text));
  if (found.approval === review.status) {
    throw new CommandProblem(
      `v${found.version} is ${review.status} already${found.reason === "" ? "" : `: ${found.reason}`}.`,
    );
  }
  await clients.sagemaker().send(
    new UpdateModelPackageCommand({
      ModelPackageArn: found.arn,
      ModelApprovalStatus: review.status,
      ApprovalDescription: options.reason,
    }),
  );
  const machine = `arn:aws:states:${place.region}:${place.accountId}:stateMachine:${names.serveMachine}`;
  const follows = review.verb === "approve" && options.wait;
  const deployment = follows ? await followDeployment(machine, found.version) : undefined;
  const result = {
    pipeline,
    version: found.version,
    status: review.status,
    ...(deployment === undefined ? {} : { deployment }),
  };
  printResult(result, options, () => {
    const then = deployment === undefined ? "" : ` and serves (${deployment.seconds.toFixed(0)} s)`;
    return `v${found.version} of ${pipeline} is ${review.status}${then}.`;
  });
}

async function followDeployment(machine: string, version: number): Promise<{ execution: string; seconds: number }> {
  say("Waiting for the approval to start the deployment");
  const arn = await findExecution(machine, (name) => name.startsWith(`v${version}-`), deploymentTimeoutMilliseconds);
  if (arn === undefined) {
    throw new CommandProblem(
      `v${version} is approved, but no deployment started within ${deploymentTimeoutMilliseconds / 1000} s.`,
      "The log of the Lambda serve-start says what it did with the approval's event.",
    );
  }
  const execution = await followExecution(arn, (state) => say(`  ${state}`));
  if (execution.status === "SUCCEEDED") return { execution: arn, seconds: execution.seconds };
  throw new CommandProblem(
    `The deployment of v${version} ended as ${execution.status}: ${readableCause(execution.cause)}`,
    `Execution: ${arn}`,
  );
}
