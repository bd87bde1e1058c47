import { type Command, Option } from "commander";
import type { RunInput } from "../../contracts/run-execution";
import type { Place } from "../../infra/names";
import { describeOnTheWay, type OnTheWay, onTheWay } from "../feed/delivery";
import { countLines, failureText, headline, nextBlock, nextLines } from "../runs/describe";
import { followShown } from "../runs/follow";
import { deployedPipelines } from "../runs/machines";
import { type Run, type RunRecord, readRun } from "../runs/record";
import { notDeployed } from "../shared/deployed";
import { printResult, say } from "../shared/output";
import { CommandProblem, nameOf } from "../shared/problem";
import { connect } from "../shared/session";
import { startRun } from "../shared/start-run";
import { parseDay, pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

interface RunOptions extends StackOptions {
  asOf?: string;
  mode: "features" | "train";
  reason?: string;
}

export function addRun(program: Command): void {
  withStackOptions(program.command("run <pipeline>"))
    .description("start a run and follow it: new events, features and, with --mode train, a model")
    .option("--as-of <day>", "the as-of day (default: today in UTC)", parseDay("--as-of"))
    .addOption(
      new Option("--mode <mode>", "features only, or features and a model")
        .choices(["features", "train"])
        .default("features"),
    )
    .option("--reason <text>", "the reason, kept with the model")
    .addHelpText(
      "after",
      `
Examples:
  npx daybreak run cdnow --as-of 1997-08-11
  npx daybreak run shop-churn --mode train --reason "new campaign"`,
    )
    .action(async (pipeline: string, options: RunOptions) => {
      readPipeline(pipelinesIn(options), pipeline);
      const place = await connect(options, "writes");
      const followed = await followRun(place, pipeline, options.mode, options, {});
      printResult(followed.result, options, () => describeFollowed(followed, options));
    });
}

/** A finished run, and the result that a command prints. */
export interface FollowedRun {
  run: Run;
  /** `on_the_way`: the events that were on the way to the lake when the run started. */
  result: RunRecord & { on_the_way: OnTheWay | null };
}

/** Starts a run in the current user's name and follows it to its end. */
export async function followRun(
  place: Place,
  pipeline: string,
  mode: RunInput["mode"],
  options: StackOptions & { asOf?: string | undefined; reason?: string },
  decision: Pick<RunInput, "release" | "replay">,
): Promise<FollowedRun> {
  const asOf = options.asOf ?? new Date().toISOString().slice(0, 10);
  const trigger = { type: "person", actor: process.env.USER ?? "daybreak", reason: options.reason } as const;
  const input: RunInput = { mode, asOf, trigger, ...decision };
  // A release or a replay processes lines that are in the lake already.
  const waiting = decision.release || decision.replay ? undefined : await onTheWay(place, pipeline);
  if (waiting !== undefined) say(describeOnTheWay(waiting));
  const name = `${mode}-${asOf}-${Date.now().toString(36)}`;
  const arn = await startRun(place, pipeline, name, input).catch(async (error: unknown) => {
    if (nameOf(error) === "StateMachineDoesNotExist") throw notDeployed(pipeline, await deployedPipelines(place));
    throw error;
  });
  const run = await readRun(place, pipeline, await followShown({ arn, name, what: "Run" }, options));
  const { record } = run;
  if (record.outcome === "failed") throw failed(run, options);
  return { run, result: { ...record, on_the_way: waiting ?? null } };
}

/** A finished run as text: its outcome, its counts and the commands that may follow. */
export function describeFollowed({ run }: FollowedRun, options: StackOptions): string {
  return ["", headline(run.record), "", ...countLines(run), ...nextBlock(run, options)].join("\n");
}

/** The failure of a run, with its counts on stderr. */
function failed(run: Run, options: StackOptions): CommandProblem {
  const { record } = run;
  const counts = countLines(run);
  if (counts.length > 0 && !options.json) say(["", ...counts].join("\n"));
  return new CommandProblem(`${headline(record)}\n  ${failureText(record)}`, nextLines(run, options).join("\n"));
}
