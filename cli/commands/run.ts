import { type Command, Option } from "commander";
import { type RunInput, type RunOutput, runOutput } from "../../contracts/run-execution";
import { type Place, pipelineNames } from "../../infra/names";
import { describeOnTheWay, type OnTheWay, onTheWay } from "../feed/delivery";
import { expectSucceeded, followExecution, startExecution } from "../shared/executions";
import { duration, printResult, say } from "../shared/output";
import { typedPath } from "../shared/paths";
import { connect } from "../shared/session";
import {
  awsOption,
  environmentOption,
  jsonOption,
  parseDay,
  pipelinesOption,
  readPipeline,
  type StackOptions,
} from "./options";

interface RunOptions extends StackOptions {
  asOf?: string;
  mode: "features" | "train";
  reason?: string;
  pipelines: string;
}

export function addRun(program: Command): void {
  program
    .command("run <pipeline>")
    .description("start a run and follow it: new events, features and, with --mode train, a model")
    .option("--as-of <day>", "the as-of day (default: today in UTC)", parseDay("--as-of"))
    .addOption(
      new Option("--mode <mode>", "features only, or features and a model")
        .choices(["features", "train"])
        .default("features"),
    )
    .option("--reason <text>", "the reason, kept with the model")
    .addOption(pipelinesOption())
    .addOption(environmentOption())
    .addOption(awsOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  npx daybreak run cdnow --as-of 1997-08-11
  npx daybreak run shop-churn --mode train --reason "new campaign"`,
    )
    .action(async (pipeline: string, options: RunOptions) => {
      readPipeline(typedPath(options.pipelines), pipeline);
      const place = await connect(options);
      const run = await followRun(place, pipeline, options.mode, options, {});
      printResult(run, options, (finished) => describeRun(pipeline, finished));
    });
}

/** A run that has finished. */
export interface FollowedRun {
  name: string;
  arn: string;
  seconds: number;
  output: RunOutput;
  /** Events that were on the way to the lake when the run started. */
  onTheWay: OnTheWay | null;
}

/** Starts a run in the current user's name and follows it to its end. */
export async function followRun(
  place: Place,
  pipeline: string,
  mode: RunInput["mode"],
  options: { asOf?: string | undefined; reason?: string },
  decision: Pick<RunInput, "release" | "replay">,
): Promise<FollowedRun> {
  const { runMachine } = pipelineNames(place, pipeline);
  const machine = `arn:aws:states:${place.region}:${place.accountId}:stateMachine:${runMachine}`;
  const asOf = options.asOf ?? new Date().toISOString().slice(0, 10);
  const trigger = { type: "person", actor: process.env.USER ?? "daybreak", reason: options.reason } as const;
  const input: RunInput = { mode, asOf, trigger, ...decision };
  // A release or a replay processes lines that are in the lake already.
  const waiting = decision.release || decision.replay ? undefined : await onTheWay(place, pipeline);
  if (waiting !== undefined) say(describeOnTheWay(waiting));
  const name = `${mode}-${asOf}-${Date.now().toString(36)}`;
  say(`Run ${name}`);
  const arn = await startExecution(machine, name, input);
  const execution = expectSucceeded(await followExecution(arn, (state) => say(`  ${state}`)));
  const output = runOutput.parse(execution.output);
  return { name, arn, seconds: execution.seconds, output, onTheWay: waiting ?? null };
}

/** The result of a run as text. */
export const describeRun = (pipeline: string, { output, seconds }: FollowedRun): string =>
  `${describe(pipeline, output)} (${duration(seconds)})`;

function describe(pipeline: string, output: RunOutput): string {
  switch (output.outcome) {
    case "features":
      return `Computed the features of ${pipeline} as of ${output.asOf}`;
    case "registered":
      return [
        ...output.warnings.map((warning) => `WARNING: ${warning}`),
        `Registered v${output.version} of ${pipeline}; see npx daybreak models ${pipeline}`,
      ].join("\n");
    case "refused": {
      const failed = output.verdict.filter(({ passed }) => !passed);
      return `The gate refused the model of ${output.asOf}: ${failed.map(({ rule, actual, expected }) => `${rule} is ${actual ?? "not computed"}, expected ${expected}`).join("; ")}`;
    }
  }
}
