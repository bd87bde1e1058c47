/** Commands for quarantined lines (list, show, replay) and for a batch that a dataset rule halted (release). */

import type { Command } from "commander";
import { type Place, pipelineNames } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import { requireDeployed } from "../shared/deployed";
import { count, printResult, table } from "../shared/output";
import { CommandProblem, UsageProblem } from "../shared/problem";
import { connect } from "../shared/session";
import { readTable } from "../shared/table";
import { parseCount, parseDay, pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";
import { describeFollowed, followRun } from "./run";

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
    readPipeline(pipelinesIn(options), pipeline);
    const rows = await readQuarantine(await connect(options, "reads"), pipeline, options);
    printResult(countByReason(rows), options, describeCounts);
  });
  withSelection(quarantine.command("show <pipeline>").description("show quarantined lines and what is wrong with them"))
    .option("--limit <number>", "show at most this many lines", parseCount("--limit"), 20)
    .action(async (pipeline: string, options: Selection & { limit: number }) => {
      readPipeline(pipelinesIn(options), pipeline);
      const rows = await readQuarantine(await connect(options, "reads"), pipeline, options);
      printResult(rows.slice(0, options.limit), options, (some) => describeRows(some, rows.length));
    });
  asDecision(
    withSelection(
      quarantine
        .command("replay <pipeline>")
        .description("process quarantined lines again with the current rules; late lines are accepted"),
    ),
    "that of the newest published run",
  ).action(replay);
  asDecision(
    withStackOptions(program.command("release <pipeline> <run>"))
      .description("publish the batch of a run that a dataset rule halted, although the rule fails")
      .addHelpText(
        "after",
        '\nExample:\n  npx daybreak release shop-churn features-2026-03-01-abc --reason "a quiet holiday"',
      ),
    "today in UTC",
  ).action(async (pipeline: string, runId: string, options: Decision) => {
    readPipeline(pipelinesIn(options), pipeline);
    const place = await connect(options, "writes");
    const followed = await followRun(place, pipeline, "features", options, { release: { runId } });
    printResult(followed.result, options, () => describeFollowed(followed, options));
  });
}

interface Replayed {
  /** The number of quarantined lines that were processed again. */
  replayed: number;
  /** Those of them that are still in quarantine, by their current reason. */
  remaining: { reason: string; lines: number }[];
}

async function replay(pipeline: string, options: Decision): Promise<void> {
  readPipeline(pipelinesIn(options), pipeline);
  const place = await connect(options, "writes");
  const before = await readQuarantine(place, pipeline, options);
  if (before.length === 0) {
    throw new CommandProblem(
      `The quarantine of ${pipeline} has no such lines.`,
      `List what it has: ${commandLine(["quarantine", "list", pipeline], options)}`,
    );
  }
  const asOf = options.asOf ?? (await newestAsOf(place, pipeline));
  const selection = { reason: options.only, runId: options.run };
  const followed = await followRun(place, pipeline, "features", { ...options, asOf }, { replay: selection });
  const after = await readQuarantine(place, pipeline, {});
  const replayed: Replayed = {
    replayed: before.length,
    remaining: stillQuarantined(before, after, followed.result.run_id),
  };
  printResult({ ...followed.result, ...replayed }, options, () =>
    [describeReplay(replayed), describeFollowed(followed, options)].join("\n"),
  );
}

/** The newest as-of day of a published run: a replay corrects what is known as of that day. */
async function newestAsOf(place: Place, pipeline: string): Promise<string | undefined> {
  const { database } = pipelineNames(place, pipeline);
  let newest: string | undefined;
  for await (const [asOf] of readTable(`${database}.processed_files`, ["as_of"])) {
    if (newest === undefined || String(asOf) > newest) newest = String(asOf);
  }
  return newest;
}

const lineOf = ({ raw_file, raw_position }: Quarantined) => `${raw_file}\n${raw_position}`;

/** The replayed lines that are still in quarantine: those with the same reason as before, and those that got another one. */
export function stillQuarantined(
  before: readonly Quarantined[],
  after: readonly Quarantined[],
  runId: string,
): Replayed["remaining"] {
  const replayed = new Set(before.map(lineOf));
  const left = after.filter((row) => row.run_id === runId || replayed.has(lineOf(row)));
  const reasons = new Map<string, number>();
  for (const { reason } of left) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return [...reasons].map(([reason, lines]) => ({ reason, lines })).sort((one, other) => other.lines - one.lines);
}

function describeReplay({ replayed, remaining }: Replayed): string {
  const left = remaining.map(({ reason, lines }) => `${reason} ${count(lines)}`).join(", ");
  const rest = left === "" ? "none of them remain in quarantine" : `still in quarantine: ${left}`;
  return `Replayed ${count(replayed)} ${replayed === 1 ? "line" : "lines"}; ${rest}.`;
}

function withSelection(command: Command): Command {
  return withStackOptions(
    command
      .option("--only <reason>", "only lines with this reason, such as late")
      .option("--run <id>", "only lines that this run quarantined"),
  );
}

function asDecision(command: Command, defaultDay: string): Command {
  return command
    .requiredOption("--reason <text>", "the reason, kept in the run's plan and report", given)
    .option("--as-of <day>", `the as-of day of the run (default: ${defaultDay})`, parseDay("--as-of"));
}

function given(text: string): string {
  if (text.trim() !== "") return text;
  throw new UsageProblem("--reason is empty.", "Give the reason; it is kept in the run's report.");
}

async function readQuarantine(
  place: Place,
  pipeline: string,
  options: Pick<Selection, "only" | "run">,
): Promise<Quarantined[]> {
  // A table that does not exist has no rows: without this check, the quarantine would look empty.
  await requireDeployed(place, pipeline);
  const { database } = pipelineNames(place, pipeline);
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

/** Quarantined lines as text. Control characters are escaped: a line from outside must not control the terminal. */
export function describeRows(rows: readonly Quarantined[], all: number): string {
  if (rows.length === 0) return "Nothing is in quarantine.";
  const shown = rows.map(
    ({ reason, detail, event, raw_file, raw_position }) =>
      `${reason} · ${raw_file}, ${raw_position === 0 ? "the whole file" : `line ${raw_position}`}${detail === "" ? "" : `\n  ${escaped(detail)}`}\n  ${escaped(event)}`,
  );
  if (rows.length < all) shown.push(`${count(rows.length)} of ${count(all)} lines; --limit ${all} shows all.`);
  return shown.join("\n\n");
}

const escaped = (text: string) =>
  text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
