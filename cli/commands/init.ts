import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { commandLine } from "../../lambdas/shared/command-line";
import { parsePipeline } from "../../spec/load";
import { pipelineSchema } from "../../spec/pipeline";
import { checkDataFile } from "../feed/rows";
import { type Explained, propose } from "../init/propose";
import { templateFiles } from "../init/template";
import { type PipelineFiles, pipelineFiles } from "../init/write";
import { count, printResult, say, table } from "../shared/output";
import { shownPath, typedPath } from "../shared/paths";
import { UsageProblem } from "../shared/problem";
import { jsonOption, pipelinesIn, pipelinesOption, readPipeline } from "./options";

interface InitOptions {
  from?: string;
  id?: string;
  time?: string;
  entity?: string;
  pipelines?: string;
  json: boolean;
}

export function addInit(program: Command): void {
  program
    .command("init <name>")
    .description("write a new pipeline's folder: proposed from a file of its events, or as a template")
    .option("--from <file>", "events: CSV, JSON lines or Parquet (text also as .gz)")
    .option("--time <column>", "the time of the event (default: guessed)")
    .option("--entity <column>", "what the model predicts for, such as a customer (default: guessed)")
    .option("--id <column>", "the ID of the event (default: guessed)")
    .addOption(pipelinesOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Nothing is overwritten. Every guess is explained; correct it in the files, which validate checks.

Examples:
  npx daybreak init my-shop --from events.csv
  npx daybreak init my-shop --from events.csv --entity customer_id
  npx daybreak init my-shop`,
    )
    .action(init);
}

async function init(name: string, options: InitOptions): Promise<void> {
  const parsed = pipelineSchema.shape.name.safeParse(name);
  if (!parsed.success)
    throw new UsageProblem(`"${name}" is not a pipeline's name: it ${parsed.error.issues[0]?.message}.`);
  const pipelines = pipelinesIn(options);
  const folder = join(pipelines, name);
  if (existsSync(folder)) {
    throw new UsageProblem(
      `${shownPath(folder)} exists already; init overwrites nothing.`,
      "Choose another name, or remove it.",
    );
  }
  const proposal = options.from === undefined ? undefined : await fromFile(name, options.from, options);
  const files = proposal === undefined ? templateFiles(name) : pipelineFiles(proposal);
  // A mistake of init's own must not leave a folder behind.
  parsePipeline(files["pipeline.yaml"], `${name}/pipeline.yaml`);
  write(folder, files);
  readPipeline(pipelines, name);
  const next = nextCommands(name, options);
  const result = { folder, files: Object.keys(files), ...(proposal === undefined ? {} : facts(proposal)), next };
  printResult(result, options, () =>
    [
      ...(proposal === undefined ? [] : [explain(proposal), ""]),
      `Wrote ${Object.keys(files)
        .map((file) => shownPath(join(folder, file)))
        .join(", ")}`,
      "",
      "Next",
      ...next.map((line) => `  ${line}`),
    ].join("\n"),
  );
}

async function fromFile(name: string, file: string, options: InitOptions): Promise<Explained> {
  const path = typedPath(file);
  checkDataFile(path);
  say(`Reading ${shownPath(path)}`);
  return propose(name, path, options);
}

function write(folder: string, files: PipelineFiles): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text, { flag: "wx" });
}

function nextCommands(name: string, { from = "events.csv", pipelines }: InitOptions): string[] {
  return [
    commandLine(["validate", name], { pipelines }),
    commandLine(["demo", "--pipeline", name, "--data", from], { pipelines }),
  ];
}

/** The proposal for programs. */
function facts({ rows, fields, guesses, leftOut, label, plan, warnings }: Explained) {
  return {
    rows,
    ...{ time: guesses.time, entity: guesses.entity, id: guesses.id },
    fields: fields.map(({ name, column, type, required, note }) => ({ name, column, type, required, note })),
    left_out: leftOut,
    label: { name: label.name, description: label.description, reason: label.reason, horizon_days: plan.horizonDays },
    window_days: plan.windowDays,
    warnings,
  };
}

function explain({ title, rows, isPart, fields, guesses, leftOut, label, plan, warnings }: Explained): string {
  const guess = (role: keyof typeof guesses) => {
    const { field, reason, alternatives } = guesses[role];
    const others = alternatives.length === 0 ? "" : `; or --${role} ${alternatives.slice(0, 5).join(", ")}`;
    return [role, field, `${reason}${others}`];
  };
  return [
    `${title}: ${count(rows)} rows${isPart ? " (its beginning)" : ""}, ${plan.firstDay} to ${plan.lastDay}`,
    "",
    table(
      ["guess", "value", "because"],
      [
        ...[guess("time"), guess("entity"), guess("id")],
        ["window", `${plan.windowDays} days`, `a quarter of the ${plan.rangeDays} days of data, or less`],
        ["label", label.name, `${label.description} It is ${label.reason}`],
      ],
    ),
    "",
    table(
      ["field", "type", "required", "note"],
      fields.map(({ name, type, required, note }) => [name, type, required ? "yes" : "no", note]),
    ),
    ...leftOut.map(({ column, reason }) => `Left out: ${column}: ${reason}.`),
    ...warnings.map((warning) => `\n! ${warning}`),
  ].join("\n");
}
