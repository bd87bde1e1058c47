/** The rows of a backtest: features and labels of every as-of day, computed by the Glue jobs' own code. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInSpark } from "@daybreak/local";
import * as z from "zod/mini";
import { addDays } from "../../lambdas/shared/days";
import type { PipelineSpec } from "../../spec/pipeline";
import type { Replay } from "../demo/replay";
import { dayOf } from "../demo/timeline";
import { repositoryRoot } from "../shared/paths";

/** Raw files are read in parallel, so there are several. */
const linesInFile = 100_000;

const answer = z.object({ lines: z.number(), events: z.number(), left_out: z.number() });
export type PreparedRows = z.infer<typeof answer>;

export interface BacktestDays {
  /** The as-of days whose window lies within the data, or all if the pipeline keeps the others; oldest first. */
  days: string[];
  /** The number of earlier as-of days that are left out, because their window begins before the first event. */
  incompleteWindows: number;
  /** The last day of the data; a label is known if its horizon ends by then. */
  lastDay: string;
}

/**
 * The as-of days of a backtest: every `cutoff_every_days` back from the day after the last event, so that the training sets of
 * all these days consist of these days.
 */
export function backtestDays(
  range: { first: number; last: number },
  { features, training }: Pick<PipelineSpec, "features" | "training">,
): BacktestDays {
  const firstDay = dayOf(range.first);
  const lastDay = addDays(dayOf(range.last), 1);
  const days: string[] = [];
  for (let day = lastDay; day > firstDay; day = addDays(day, -training.cutoff_every_days)) days.unshift(day);
  const isComplete = (day: string) => addDays(day, -features.window_days) >= firstDay;
  const complete = training.incomplete_windows === "keep" ? days : days.filter(isComplete);
  return { days: complete, incompleteWindows: days.length - complete.length, lastDay };
}

/** Writes features and labels of the days to `target`, from the replay's events. */
export async function prepareRows(
  spec: PipelineSpec,
  replay: Replay,
  { days, lastDay }: BacktestDays,
  folder: string,
): Promise<{ prepared: PreparedRows; rowsFolder: string }> {
  const raw = join(folder, "raw");
  mkdirSync(raw, { recursive: true });
  writeRaw(
    replay.before(lastDay).map(({ data }) => data),
    raw,
  );
  const rowsFolder = join(folder, "rows");
  const request = join(folder, "request.json");
  writeFileSync(request, JSON.stringify({ spec, raw, days, last_day: lastDay, target: rowsFolder }));
  const output = await runInSpark(join(repositoryRoot, "backtest", "prepare.py"), [request]);
  return { prepared: answer.parse(JSON.parse(output.trim().split("\n").at(-1) ?? "")), rowsFolder };
}

function writeRaw(lines: readonly (string | Buffer)[], folder: string): void {
  for (let start = 0; start < lines.length; start += linesInFile) {
    const parts = lines.slice(start, start + linesInFile).flatMap((line) => [Buffer.from(line), Buffer.from("\n")]);
    writeFileSync(join(folder, `${String(start / linesInFile).padStart(6, "0")}.jsonl`), Buffer.concat(parts));
  }
}
