import type { Command } from "commander";
import { type PromotionAnswer, type PromotionRequest, promotionAnswer } from "../../contracts/promotion";
import { pipelineNames } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import { ServiceError } from "../../lambdas/shared/signed-call";
import { callUrl, findUrl, refusalOf } from "../shared/function-url";
import { count, megabytes, printResult } from "../shared/output";
import { CommandProblem } from "../shared/problem";
import { stageName } from "../shared/registry";
import { connect } from "../shared/session";
import { parseVersion } from "./deploy";
import { pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

interface PromoteOptions extends StackOptions {
  from: string;
  reason?: string;
}

export function addPromote(program: Command): void {
  withStackOptions(program.command("promote <pipeline> [version]"))
    .description(
      "take an approved version of another environment, with its evidence; a reviewer decides on it as on any other",
    )
    .requiredOption("--from <environment>", "the environment that the version is of")
    .option("--reason <text>", "the reason, kept with the version")
    .addHelpText(
      "after",
      `
Without a version it takes the newest one that is approved there. The stacks say which environment takes versions of which:
docs/delivery.md.

Example:
  npx daybreak promote shop-churn 3 --from staging --environment prod`,
    )
    .action(promote);
}

async function promote(pipeline: string, text: string | undefined, options: PromoteOptions): Promise<void> {
  readPipeline(pipelinesIn(options), pipeline);
  const request: PromotionRequest = {
    from: options.from,
    version: text === undefined ? undefined : parseVersion(text),
    reason: options.reason,
  };
  const place = await connect(options, "writes");
  const url = await findUrl(pipelineNames(place, pipeline).registryPromote);
  if (url === undefined) {
    throw new CommandProblem(
      `${place.environment} takes no versions of ${pipeline} from another environment, or you may not promote any.`,
      'How to set it up, and who may: docs/delivery.md, "Promote a version".',
    );
  }
  const result = promotionAnswer.parse(await askFor(url, request));
  printResult(result, options, () => describe(pipeline, place.environment, result, options));
}

/** As long as the Lambda may take: it copies the model. */
const timeoutMs = 900_000;

async function askFor(url: URL, request: PromotionRequest): Promise<unknown> {
  try {
    return await callUrl(url, request, timeoutMs);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new CommandProblem(`The version was not promoted: ${refusalOf(error).message}`);
  }
}

function describe(
  pipeline: string,
  here: string,
  { outcome, source_version, version, approval, warnings, files, bytes }: PromotionAnswer,
  options: PromoteOptions,
): string {
  const what = `v${source_version} of ${pipeline} in ${options.from}`;
  const became =
    outcome === "already"
      ? `${what} is v${version} in ${here} already, which is ${stageName(approval)}.`
      : `${what} is now v${version} in ${here} and waits for a review, with the same model and evidence: ${count(files)} files, ${megabytes(bytes)}.`;
  const approve = commandLine(["approve", pipeline, version, "--reason", "<why>"], options);
  return [
    became,
    ...warnings.map((warning) => `WARNING for v${version}: ${warning}`),
    ...(approval === "PendingManualApproval" ? [`Approve it: ${approve}`] : []),
  ].join("\n");
}
