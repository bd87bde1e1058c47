import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import type { Command } from "commander";
import { type PipelineNames, pipelineNames, stateMachineArn } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import { clients } from "../shared/clients";
import { executionNames, findExecution } from "../shared/executions";
import { printResult, say } from "../shared/output";
import { CommandProblem } from "../shared/problem";
import { findVersion, listVersions, type ModelVersion } from "../shared/registry";
import { connect } from "../shared/session";
import { consequence, type Deployment, followDeployment, parseVersion } from "./deploy";
import { pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

interface ReviewOptions extends StackOptions {
  reason: string;
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
    description: "approve a registered version and follow its deployment to the endpoint",
    example: 'npx daybreak approve cdnow 2 --reason "AUC holds, drift explained"',
  },
  {
    verb: "reject",
    status: "Rejected",
    description: "reject a registered version",
    example: 'npx daybreak reject cdnow 3 --reason "trained on the week of the outage"',
  },
];

export function addReview(program: Command): void {
  for (const review of reviews) {
    const command = withStackOptions(program.command(`${review.verb} <pipeline> <version>`))
      .description(review.description)
      .requiredOption("--reason <text>", "the reason, kept in the registry")
      .addHelpText("after", `\nExample:\n  ${review.example}`)
      .action((pipeline: string, version: string, options: ReviewOptions) => act(review, pipeline, version, options));
    if (review.verb === "approve") {
      command.option("--no-wait", "do not follow the deployment");
    }
  }
}

async function act(review: Review, pipeline: string, text: string, options: ReviewOptions): Promise<void> {
  readPipeline(pipelinesIn(options), pipeline);
  const place = await connect(options, "writes");
  const names = pipelineNames(place, pipeline);
  const found = await findVersion(names, parseVersion(text), options);
  const machine = stateMachineArn(place, names.serveMachine);
  if (review.verb === "approve" && found.lineage.warnings !== undefined) {
    say(`WARNING for v${found.version}: ${found.lineage.warnings}`);
  }
  // Executions that exist at this point belong to earlier approvals.
  const earlier = await executionNames(machine);
  await decide(review, pipeline, found, options);
  const deployment =
    review.verb === "approve" && options.wait
      ? await deploymentOf(machine, found.version, earlier, options)
      : undefined;
  const result = {
    pipeline,
    version: found.version,
    status: review.status,
    ...(deployment === undefined ? {} : { deployment }),
    ...(review.verb === "reject" ? { serving: found.isServing } : {}),
  };
  const replacement = result.serving === true ? await replacementText(names, options) : "";
  printResult(
    result,
    options,
    () => `v${found.version} of ${pipeline} is ${review.status}${consequenceOf(result)}.${replacement}`,
  );
}

/** Sets the approval status. */
async function decide(review: Review, pipeline: string, found: ModelVersion, options: ReviewOptions): Promise<void> {
  if (found.approval === review.status) {
    throw new CommandProblem(
      `v${found.version} is already ${review.status}${found.reason === "" ? "" : `: ${found.reason}`}.`,
      review.verb === "approve"
        ? `To deploy it again: ${commandLine(["deploy", pipeline, found.version, "--reason", "<why>"], options)}`
        : undefined,
    );
  }
  await clients.sagemaker().send(
    new UpdateModelPackageCommand({
      ModelPackageArn: found.arn,
      ModelApprovalStatus: review.status,
      ApprovalDescription: options.reason,
    }),
  );
}

/** The consequence of a decision, as the end of a sentence. */
function consequenceOf({ deployment, serving }: { deployment?: Deployment; serving?: boolean }): string {
  if (serving === true) return ", and still serves: a rejection does not change the endpoint";
  return deployment === undefined ? "" : ` and ${consequence(deployment)}`;
}

/** How to replace the version that serves: with the newest one that was approved before, else with one that awaits approval. */
async function replacementText(names: PipelineNames, options: ReviewOptions): Promise<string> {
  const others = (await listVersions(names)).filter(({ isServing }) => !isServing);
  const find = (status: string) => others.find(({ approval }) => approval === status)?.version;
  const [approved, awaiting] = [find("Approved"), find("PendingManualApproval")];
  const command = (...words: (string | number)[]) => commandLine(words, options);
  const { pipeline } = names;
  if (approved !== undefined) {
    return `\nGo back to v${approved}: ${command("deploy", pipeline, approved, "--reason", "<why>")}`;
  }
  if (awaiting !== undefined) {
    return `\nReplace it with v${awaiting}: ${command("approve", pipeline, awaiting, "--reason", "<why>")}`;
  }
  return `\nTrain another to replace it: ${command("run", pipeline, "--mode", "train")}`;
}

/** The deployment that an approval started, followed to its end. */
async function deploymentOf(
  machine: string,
  version: number,
  earlier: ReadonlySet<string>,
  options: ReviewOptions,
): Promise<Deployment> {
  say("Waiting for the deployment to start");
  const isNew = (name: string) => name.startsWith(`v${version}-`) && !earlier.has(name);
  const arn = await findExecution(machine, isNew, deploymentTimeoutMilliseconds);
  if (arn === undefined) {
    throw new CommandProblem(
      `v${version} is approved, but no deployment started within ${deploymentTimeoutMilliseconds / 1000} s.`,
      "The log of the Lambda serve-start shows how it handled the approval event. Where serving.trigger is github, see the runs of the workflow deploy-model.",
    );
  }
  return followDeployment(arn, version, options);
}
