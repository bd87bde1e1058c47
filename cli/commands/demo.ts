import { type Command, Option } from "commander";
import { commandLine } from "../../lambdas/shared/command-line";
import { chosenPort, defaultPort } from "../clouds/port";
import { type DemoResult, runDemo } from "../demo/demo";
import { endingOnSignal } from "../shared/interrupt";
import { count, duration, printResult } from "../shared/output";
import { shownPath, typedPath } from "../shared/paths";
import { exitCodes } from "../shared/problem";
import { jsonOption, parseCount, pipelinesIn, pipelinesOption, portOption, readPipeline } from "./options";

interface DemoCommandOptions {
  pipeline: string;
  pipelines?: string;
  data?: string;
  port?: number;
  keep: boolean;
  checks?: number;
  looks?: number;
  json: boolean;
}

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("run a pipeline's whole loop in a local cloud: ingest, train, serve, drift, retrain, replace")
    .option("--pipeline <name>", "the folder in pipelines/", "cdnow")
    .option("--data <file>", "the pipeline's events: CSV, JSON lines or Parquet (the examples bring their own)")
    .addOption(portOption())
    .addOption(checksOption("--checks <number>"))
    .addOption(checksOption("--looks <number>").hideHelp())
    .option("--keep", "leave the local cloud running at the end", false)
    .addOption(pipelinesOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Needs no AWS account. When the gate refuses the model, the demo still finishes with a report.

Examples:
  npx daybreak demo                                               a real shop's purchases (CDNOW)
  npx daybreak demo --pipeline shop-churn                         a simulated shop
  npx daybreak demo --pipeline mine --data events.csv             your own
  npx daybreak demo --checks 2                                    shorter: two drift checks
  npx daybreak demo --keep                                        then: npx daybreak predict cdnow 00004`,
    )
    .action(async (options: DemoCommandOptions) => {
      const pipelinesFolder = pipelinesIn(options);
      const spec = readPipeline(pipelinesFolder, options.pipeline);
      const result = await endingOnSignal("The demo", () =>
        runDemo({
          spec,
          pipelinesFolder,
          pipelines: options.pipelines,
          data: options.data === undefined ? undefined : typedPath(options.data),
          port: chosenPort(options.port) ?? defaultPort,
          keep: options.keep,
          ...checksOf(options),
        }),
      );
      printResult(options.json ? result.summary : result, options, () => describe(result, options));
      const { lost, doubled } = result.summary.events;
      if (result.summary.outcome === "failed" || lost + doubled > 0) process.exitCode = exitCodes.failed;
    });
}

const checksOption = (flags: string) =>
  new Option(
    flags,
    "the number of drift checks, spread evenly over the data after the first training (default: until a retrained version has served for a while)",
  ).argParser(parseCount("--checks"));

/** --looks is an older name of --checks. */
function checksOf({ checks, looks }: DemoCommandOptions): { checks?: number } {
  const given = checks ?? looks;
  return given === undefined ? {} : { checks: given };
}

function describe({ summary, reportFile, summaryFile, endpoint }: DemoResult, options: DemoCommandOptions): string {
  const { events, requests, models } = summary;
  const quarantined = Object.values(events.quarantined).reduce((sum, one) => sum + one, 0);
  const lines = [
    "",
    summary.headline,
    "",
    `  events     ${count(events.sent)} sent = ${count(events.published)} published + ${count(quarantined)} quarantined + ${count(events.duplicates)} duplicates${events.waiting > 0 ? ` + ${count(events.waiting)} waiting` : ""}; ${count(events.lost)} lost, ${count(events.doubled)} doubled`,
    ...models.map(
      ({ version, stage, evaluation }) =>
        `  ${version === null ? "refused   " : `v${version}        `} ${stage}, AUC ${evaluation?.metrics.auc?.toFixed(3) ?? "unknown"}, F1 ${evaluation?.metrics.f1?.toFixed(3) ?? "unknown"}`,
    ),
    `  requests   ${count(requests.served)} served, ${count(requests.stale)} refused for old features, ${count(requests.failed)} failed, p50 ${requests.p50_milliseconds.toFixed(0)} ms`,
    `  time       ${duration(summary.seconds)}, at most ${(summary.peak_memory_bytes / 1024 ** 3).toFixed(1)} GB of memory`,
    "",
    `  Report     ${shownPath(reportFile)}`,
    `  Facts      ${shownPath(summaryFile)}`,
  ];
  if (options.keep) {
    const { port, pipelines } = options;
    lines.push(
      "",
      `The local cloud is still running at ${endpoint}:`,
      `  ${commandLine(["status"], { port })}`,
      `  ${commandLine(["models", summary.pipeline.name], { port, pipelines })}`,
      `  ${commandLine(["down"], { port })}`,
    );
  }
  return lines.join("\n");
}
