import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Backtest } from "../../contracts/backtest";
import { renderBacktest } from "../backtest/page";
import { runBacktest } from "../backtest/run";
import { replaceFolder } from "../demo/publish";
import { metric as figure } from "../report/format";
import { endingOnSignal } from "../shared/interrupt";
import { duration, printResult, table } from "../shared/output";
import { pipelineHome, shownPath, typedPath } from "../shared/paths";
import { jsonOption, pipelinesIn, pipelinesOption, readPipeline } from "./options";

interface BacktestCommandOptions {
  pipelines?: string;
  data?: string;
  json: boolean;
}

export function addBacktest(program: Command): void {
  program
    .command("backtest <pipeline>")
    .description("replay a pipeline's history, and compare when to retrain: never, on a schedule, or on an alarm")
    .option("--data <file>", "the pipeline's events: CSV, JSON lines or Parquet (the examples bring their own)")
    .addOption(pipelinesOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Needs no AWS account and no local cloud. Features, training, gate, drift and quality checks are the pipeline's own code.

Examples:
  npx daybreak backtest cdnow
  npx daybreak backtest mine --data events.csv`,
    )
    .action(async (name: string, options: BacktestCommandOptions) => {
      const spec = readPipeline(pipelinesIn(options), name);
      const data = options.data === undefined ? undefined : typedPath(options.data);
      const result = await endingOnSignal("The backtest", () =>
        runBacktest({ spec, data, pipelines: options.pipelines }),
      );
      const files = publish(result);
      printResult(result, options, () => describe(result, files));
    });
}

interface Files {
  page: string;
  facts: string;
}

/** Writes both files beside those of the last backtest, and then replaces them. */
export function publish(result: Backtest, folder = join(pipelineHome(result.pipeline.name), "backtest")): Files {
  const made = `${folder}-${process.pid}`;
  // A process of this number may have been interrupted here.
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, "backtest.json"), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(made, "index.html"), renderBacktest(result));
  replaceFolder(folder, made);
  return { page: join(folder, "index.html"), facts: join(folder, "backtest.json") };
}

function describe(result: Backtest, { page, facts }: Files): string {
  const name = result.metric === "auc" ? "AUC" : "F1";
  const rows = result.policies.map(({ title, scheduled_trainings, overall, against_best: difference }) => [
    title,
    scheduled_trainings,
    figure(overall.metric.value),
    `${figure(overall.metric.low)} to ${figure(overall.metric.high)}`,
    figure(overall.log_loss.value),
    difference === null ? "the best" : figure(difference.value),
  ]);
  return [
    "",
    table(["policy", "trainings", name, "95 % interval", "log loss", "against the best"], rows),
    "",
    result.recommendation.headline,
    result.recommendation.text,
    "",
    `  Compared   ${result.first_compared} to ${result.last_compared}, in ${duration(result.seconds)}`,
    `  Page       ${shownPath(page)}`,
    `  Facts      ${shownPath(facts)}`,
  ].join("\n");
}
