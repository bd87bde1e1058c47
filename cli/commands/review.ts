import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import type { Command } from "commander";
import { type ServeInput, type ServeOutput, serveOutput } from "../../contracts/serve-execution";
import { type PipelineNames, pipelineNames, stateMachineArn } from "../../infra/names";
import { readableCause } from "../../lambdas/shared/cause";
import { commandLine } from "../../lambdas/shared/command-line";
import { followShown } from "../runs/follow";
import { clients } from "../shared/clients";
import { executionNames, findExecution, startExecution } from "../shared/executions";
import { printResult, say } from "../shared/output";
import { CommandProblem, UsageProblem } from "../shared/problem";
import { findVersion, listVersions, type ModelVersion } from "../shared/registry";
import { connect } from "../shared/session";
import { pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

interface ReviewOptions extends StackOptions {
  reason: string;
  wait: boolean;
  redeploy?: boolean;
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
      command
        .option("--redeploy", "deploy an approved version again, for example after a failed deployment")
        .option("--no-wait", "do not follow the deployment");
    }
  }
}

function parseVersion(text: string): number {
  const version = Number(text.replace(/^v/, ""));
  if (Number.isInteger(version) && version > 0) return version;
  throw new UsageProblem(`${text} is not a version.`, "Expected a number, such as 2 or v2.");
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
  if (options.redeploy === true) await redeploy(machine, pipeline, found, options);
  else await decide(review, pipeline, found, options);
  const deployment =
    review.verb === "approve" && options.wait
      ? await followDeployment(machine, found.version, earlier, options)
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
    () => `v${found.version} of ${pipeline} is ${review.status}${consequence(result)}.${replacement}`,
  );
}

/** Sets the approval status. */
async function decide(review: Review, pipeline: string, found: ModelVersion, options: ReviewOptions): Promise<void> {
  if (found.approval === review.status) {
    throw new CommandProblem(
      `v${found.version} is already ${review.status}${found.reason === "" ? "" : `: ${found.reason}`}.`,
      review.verb === "approve"
        ? `To deploy it again: ${commandLine(["approve", pipeline, found.version, "--redeploy", "--reason", "<why>"], options)}`
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

/** Starts the deployment of an approved version again. */
async function redeploy(machine: string, pipeline: string, found: ModelVersion, options: ReviewOptions): Promise<void> {
  if (found.approval !== "Approved") {
    throw new CommandProblem(
      `v${found.version} is ${found.approval}; only approved versions can be deployed.`,
      `Approve it: ${commandLine(["approve", pipeline, found.version, "--reason", "<why>"], options)}`,
    );
  }
  const input: ServeInput = { modelPackageArn: found.arn, reason: options.reason };
  await startExecution(machine, `v${found.version}-redeploy-${Date.now()}`, input);
}

interface Deployment {
  execution: string;
  outcome: ServeOutput["outcome"];
  seconds: number;
}

/** The consequence of a decision, as the end of a sentence. */
function consequence({ deployment, serving }: { deployment?: Deployment; serving?: boolean }): string {
  if (serving === true) return ", and still serves: a rejection does not change the endpoint";
  if (deployment === undefined) return "";
  const seconds = `${deployment.seconds.toFixed(0)} s`;
  return deployment.outcome === "deployed"
    ? ` and serves (${seconds})`
    : `; it was deployed, and a later deployment has replaced it (${seconds})`;
}

/** How to replace the version that serves: with the newest one that was approved before, else with one that awaits approval. */
async function replacementText(names: PipelineNames, options: ReviewOptions): Promise<string> {
  const others = (await listVersions(names)).filter(({ isServing }) => !isServing);
  const find = (status: string) => others.find(({ approval }) => approval === status)?.version;
  const [approved, awaiting] = [find("Approved"), find("PendingManualApproval")];
  const command = (...words: (string | number)[]) => commandLine(words, options);
  const { pipeline } = names;
  if (approved !== undefined) {
    const redeploy = command("approve", pipeline, approved, "--redeploy", "--reason", "<why>");
    return `\nGo back to v${approved}: ${redeploy}`;
  }
  if (awaiting !== undefined) {
    return `\nReplace it with v${awaiting}: ${command("approve", pipeline, awaiting, "--reason", "<why>")}`;
  }
  return `\nTrain another to replace it: ${command("run", pipeline, "--mode", "train")}`;
}

async function followDeployment(
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
      "The log of the Lambda serve-start shows how it handled the approval event.",
    );
  }
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
