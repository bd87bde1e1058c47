/** The newest runs, and everything about one of them. */
import type { Command } from "commander";
import { pipelineNames } from "../../infra/names";
import { listPipelines } from "../../spec/load";
import { describeRun, describeRuns } from "../runs/describe";
import { findAnyExecution } from "../runs/find";
import { followShown } from "../runs/follow";
import { deployedPipelines } from "../runs/machines";
import { readRun, recentRuns } from "../runs/record";
import { sampleLines } from "../runs/samples";
import { describeWorkflow, readWorkflow } from "../runs/workflow";
import { requireDeployed } from "../shared/deployed";
import { printResult } from "../shared/output";
import { connect } from "../shared/session";
import { parseCount, pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

interface RunsOptions extends StackOptions {
  limit: number;
}

interface ShowOptions extends StackOptions {
  follow: boolean;
  samples: number;
}

const followed = { run: "Run", serve: "Deployment", monitor: "Drift check" } as const;

export function addRuns(program: Command): void {
  withStackOptions(program.command("runs [pipeline]"))
    .description("list the newest runs with their results and the counts of their events")
    .option("--limit <number>", "at most this many", parseCount("--limit"), 10)
    .addHelpText("after", "\nExamples:\n  npx daybreak runs\n  npx daybreak runs cdnow --limit 30")
    .action(runs);
  withStackOptions(program.command("show <run>"))
    .description("show a run: its counts, bad lines, gate and cause of failure; also a deployment or a drift check")
    .option("--follow", "wait for its end", false)
    .option("--samples <number>", "bad lines to show for each reason", parseSamples, 2)
    .addHelpText(
      "after",
      `
<run> is a run's name or ID, or the ARN of an execution as alerts give it.

Examples:
  npx daybreak show train-2025-04-14-mf3k2x1a
  npx daybreak show train-2025-04-14-mf3k2x1a --follow`,
    )
    .action(show);
}

async function runs(pipeline: string | undefined, options: RunsOptions): Promise<void> {
  const place = await connect(options, "reads");
  if (pipeline !== undefined) await requireDeployed(place, pipeline);
  const pipelines = pipeline === undefined ? await deployedPipelines(place) : [pipeline];
  const found = await recentRuns(place, pipelines, options.limit);
  printResult(found, options, () => (found.length === 0 ? "There was no run yet." : describeRuns(found)));
}

async function show(text: string, options: ShowOptions): Promise<void> {
  const place = await connect(options, "reads");
  const found = await findAnyExecution(place, text, options);
  const { pipeline, workflow } = found;
  const { arn, name, status } = found.execution;
  if (options.follow && status === "RUNNING") {
    found.execution = await followShown({ arn, name, what: followed[workflow] }, options);
  }
  if (workflow !== "run") {
    const record = await readWorkflow(place, found);
    printResult(record, options, () => describeWorkflow(record, options));
    return;
  }
  const run = await readRun(place, pipeline, found.execution);
  const { database } = pipelineNames(place, pipeline);
  const samples = await sampleLines(database, fieldsOf(pipelinesIn(options), pipeline), run, options.samples);
  const { lines, problem } = samples;
  printResult({ ...run.record, reports: run.reports, bad_lines: lines, bad_lines_problem: problem }, options, () =>
    describeRun(run, samples, options),
  );
}

/** The fields of a pipeline's events; none if its folder is elsewhere. */
function fieldsOf(folder: string, pipeline: string): string[] {
  if (!listPipelines(folder).includes(pipeline)) return [];
  return Object.keys(readPipeline(folder, pipeline).events.fields);
}

const parseSamples = (text: string) => (text === "0" ? 0 : parseCount("--samples")(text));
