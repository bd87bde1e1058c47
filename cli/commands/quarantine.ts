/** Commands for quarantined lines (list, show, replay) and for a batch that a dataset rule halted (release). */
import { readTable } from "@daybreak/local";
import type { Command } from "commander";
import { pipelineNames } from "../../infra/names";
import { printResult, table } from "../shared/output";
import { typedPath } from "../shared/paths";
import { UsageProblem } from "../shared/problem";
import { connect } from "../shared/session";
import { parseCount, parseDay, readPipeline, type StackOptions, withStackOptions } from "./options";
import { runAndFollow } from "./run";

interface Selection extends StackOptions {
  only?: string;
  run?: string;
}

interface Decision extends Selection {
  reason: string;
  asOf?: string;
}

/** A row of the quarantine table. */
export interface Quarantined {
  reason: string;
  run_id: string;
  as_of: string;
  raw_file: string;
  raw_position: number;
  detail: string;
  event: string;
}

const columns = ["reason", "run_id", "as_of", "raw_file", "raw_position", "detail", "event"] as const;

export function addQuarantine(program: Command): void {
  const quarantine = program
    .command("quarantine")
    .description("list, show and replay quarantined lines")
    .addHelpText(
      "after",
      `
Examples:
  npx daybreak quarantine list shop-churn
  npx daybreak quarantine show shop-churn --only late
  npx daybreak quarantine replay shop-churn --only late --reason "the phones were offline for a week"`,
    );
  withSelection(
    quarantine.command("list <pipeline>").description("count the quarantined lines by reason and run"),
  ).action(async (pipeline: string, options: Selection) => {
    printResult(countByReason(await readQuarantine(pipeline, options)), options, describeCounts);
  });
  withSelection(quarantine.command("show <pipeline>").description("show quarantined lines and what is wrong with them"))
    .option("--limit <number>", "show at most this many lines", parseCount("--limit"), 20)
    .action(async (pipeline: string, options: Selection & { limit: number }) => {
      const rows = await readQuarantine(pipeline, options);
      printResult(rows.slice(0, options.limit), options, describeRows);
    });
  asDecision(
    withSelection(
      quarantine
        .command("replay <pipeline>")
        .description("process quarantined lines again with the current rules; late lines are accepted"),
    ),
  ).action(async (pipeline: string, options: Decision) => {
    readPipeline(typedPath(options.pipelines), pipeline);
    const replay = { reason: options.only, runId: options.run };
    await runAndFollow(await connect(options, "writes"), pipeline, "features", options, { replay });
  });
  asDecision(
    withStackOptions(program.command("release <pipeline> <run>"))
      .description("publish the batch of a run that a dataset rule halted, although the rule fails")
      .addHelpText(
        "after",
        '\nExample:\n  npx daybreak release shop-churn features-2026-03-01-abc --reason "a quiet holiday"',
      ),
  ).action(async (pipeline: string, runId: string, options: Decision) => {
    readPipeline(typedPath(options.pipelines), pipeline);
    await runAndFollow(await connect(options, "writes"), pipeline, "features", options, { release: { runId } });
  });
}

function withSelection(command: Command): Command {
  return withStackOptions(
    command
      .option("--only <reason>", "only lines with this reason, such as late")
      .option("--run <id>", "only lines that this run quarantined"),
  );
}

function asDecision(command: Command): Command {
  return command
    .requiredOption("--reason <text>", "the reason, kept in the run's plan and report", given)
    .option("--as-of <day>", "the as-of day of the run (default: today in UTC)", parseDay("--as-of"));
}

function given(text: string): string {
  if (text.trim() !== "") return text;
  throw new UsageProblem("--reason is empty.", "Give the reason, for those who read the run's report later.");
}

async function readQuarantine(pipeline: string, options: Selection): Promise<Quarantined[]> {
  readPipeline(typedPath(options.pipelines), pipeline);
  const { database } = pipelineNames(await connect(options, "reads"), pipeline);
  const rows: Quarantined[] = [];
  for await (const values of readTable(`${database}.quarantine`, columns)) {
    const row = rowOf(values);
    const isWanted = (options.only ?? row.reason) === row.reason && (options.run ?? row.run_id) === row.run_id;
    if (isWanted) rows.push(row);
  }
  return rows;
}

function rowOf([reason, runId, asOf, file, position, detail, event]: unknown[]): Quarantined {
  return {
    ...{ reason: String(reason), run_id: String(runId), as_of: String(asOf) },
    ...{ raw_file: String(file), raw_position: Number(position) },
    ...{ detail: String(detail ?? ""), event: String(event ?? "") },
  };
}

/** The number of quarantined lines by reason and run, in descending order. */
export function countByReason(
  rows: readonly Quarantined[],
): { reason: string; run_id: string; as_of: string; lines: number }[] {
  const counts = new Map<string, { reason: string; run_id: string; as_of: string; lines: number }>();
  for (const { reason, run_id, as_of } of rows) {
    const key = `${reason}\n${run_id}`;
    const counted = counts.get(key) ?? { reason, run_id, as_of, lines: 0 };
    counts.set(key, { ...counted, lines: counted.lines + 1 });
  }
  return [...counts.values()].sort((one, other) => other.lines - one.lines);
}

function describeCounts(counts: ReturnType<typeof countByReason>): string {
  if (counts.length === 0) return "Nothing is in quarantine.";
  return table(
    ["reason", "lines", "run", "as of"],
    counts.map(({ reason, lines, run_id, as_of }) => [reason, lines, run_id, as_of]),
  );
}

function describeRows(rows: readonly Quarantined[]): string {
  if (rows.length === 0) return "Nothing is in quarantine.";
  return rows
    .map(
      ({ reason, detail, event, raw_file, raw_position }) =>
        `${reason} · ${raw_file}, line ${raw_position}${detail === "" ? "" : `\n  ${detail}`}\n  ${event}`,
    )
    .join("\n\n");
}
