/** `npm run bench`: measures the project's performance targets on this machine. `-- --json` prints JSON. */
import { cpus, totalmem } from "node:os";
import { Command } from "commander";
import { table } from "../cli/shared/output";
import { measureJudgement } from "./judgement";
import { type Figure, measureChanges, measureDemo, measureDeployment, measureProgram } from "./measure";
import { measureScale, type Scale, slope, stepSeconds } from "./scale";

const gigabyte = 1024 ** 3;

function shown({ value, unit }: Figure): string {
  // A log loss or an AUC is below 1, and differs in its third digit.
  const digits = Number.isInteger(value) || value >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: digits })} ${unit}`.trim();
}

interface Options {
  json: boolean;
}

function print(figures: unknown, header: string[], rows: string[][], { json }: Options): void {
  const machine = { cpus: cpus().length, memory_gb: Math.round(totalmem() / gigabyte), node: process.versions.node };
  process.stdout.write(
    json
      ? `${JSON.stringify({ machine, figures }, null, 2)}\n`
      : `\nOn ${machine.cpus} cores and ${machine.memory_gb} GB:\n\n${table(header, rows)}\n`,
  );
}

function printFigures(figures: readonly Figure[], options: Options): void {
  const rows = figures.map((figure) => [figure.name, shown(figure), figure.aim]);
  print(figures, ["figure", "measured", "target"], rows, options);
}

async function project(options: Options): Promise<void> {
  const figures: Figure[] = [];
  for (const measure of [measureProgram, measureDeployment, measureChanges, measureDemo])
    figures.push(...(await measure()));
  printFigures(figures, options);
}

const scaleHeader = [
  "events",
  "transform",
  "quality",
  "features",
  "together",
  "per additional million",
  "lines/s",
  "peak memory",
];

function scaleRow(scale: Scale, before: Scale | undefined): string[] {
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const growth = slope(scale, before);
  return [
    scale.events.toLocaleString("en-US"),
    seconds(scale.transform_seconds),
    seconds(scale.quality_seconds),
    seconds(scale.features_seconds),
    seconds(stepSeconds(scale)),
    growth === undefined ? "" : seconds(growth),
    Math.round(scale.events / scale.transform_seconds).toLocaleString("en-US"),
    `${(scale.peak_memory_bytes / gigabyte).toFixed(2)} GB`,
  ];
}

async function scale(numbers: readonly string[], options: Options): Promise<void> {
  const figures = await measureScale(numbers.map(Number));
  print(
    figures,
    scaleHeader,
    figures.map((one, index) => scaleRow(one, figures[index - 1])),
    options,
  );
}

const program = new Command("bench")
  .description(
    "Measures the deployment, the feed and the CDNOW demo. Reports figures only; exceeding a target is not an error.",
  )
  .option("--json", "print the figures as JSON on stdout", false)
  .action(() => project(program.opts<Options>()));
program
  .command("scale")
  .description("Measures transform, quality and features of a run by the number of new events: time, slope, memory.")
  .argument("[events...]", "numbers of events, in ascending order", ["1000000", "10000000"])
  .action((numbers: string[]) => scale(numbers, program.opts<Options>()));
program
  .command("judgement")
  .description("Simulates drift checks and verdicts of the gate: how often they are wrong. Takes some minutes.")
  .action(async () => printFigures(await measureJudgement(), program.opts<Options>()));

program
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(() => process.stdout.write("", () => process.exit()));
