import { type Command, Option } from "commander";
import { pipelineNames } from "../../infra/names";
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
    .description("start a run of the pipeline and follow it: new events, features and, with --mode train, a model")
    .option("--as-of <day>", "as if this day had just begun, in UTC (default: today)", parseDay("--as-of"))
    .addOption(new Option("--mode <mode>", "what to make").choices(["features", "train"]).default("features"))
    .option("--reason <text>", "why; kept with the model")
    .addOption(pipelinesOption())
    .addOption(environmentOption())
    .addOption(awsOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  daybreak run cdnow --as-of 1997-08-11
  daybreak run shop-churn --mode train --reason "new campaign"`,
    )
    .action(async (pipeline: string, options: RunOptions) => {
      readPipeline(typedPath(options.pipelines), pipeline);
      const place = await connect(options);
      const { runMachine } = pipelineNames(place, pipeline);
      const machine = `arn:aws:states:${place.region}:${place.accountId}:stateMachine:${runMachine}`;
      const asOf = options.asOf ?? new Date().toISOString().slice(0, 10);
      const trigger = {
        type: "person",
        actor: process.env.USER ?? "daybreak",
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      };
      const name = `${options.mode}-${asOf}-${Date.now().toString(36)}`;
      say(`Run ${name}`);
      const arn = await startExecution(machine, name, { mode: options.mode, asOf, trigger });
      const execution = expectSucceeded(await followExecution(arn, (state) => say(`  ${state}`)));
      printResult(
        { name, arn, seconds: execution.seconds, output: execution.output },
        options,
        ({ seconds, output }) => `Finished in ${duration(seconds)}: ${JSON.stringify(output)}`,
      );
    });
}
