/** Runs in words: a table of several, and everything about one. */

import { type Chosen, commandLine } from "../../lambdas/shared/command-line";
import { refusalText, ruleText } from "../../lambdas/shared/verdict";
import { count, duration, table } from "../shared/output";
import type { Run, RunRecord } from "./record";
import type { Samples } from "./samples";

/** The longest event and cause that are shown whole. */
const longestEvent = 300;
const longestCause = 2000;

const clipped = (text: string, longest: number) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
const minute = (instant: string) => instant.slice(0, 16).replace("T", " ");
const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, one) => sum + one, 0);
const listed = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([name, value]) => `${name} ${count(value)}`)
    .join(", ");

/** Such as "registered v2 (Staging)". */
export function outcomeOf({ outcome, version, approval, state, verdict, enough_from }: RunRecord): string {
  switch (outcome) {
    case "registered":
      return `registered v${version}${approval === "PendingManualApproval" ? ", which awaits approval" : ""}`;
    case "refused":
      return refusalText(verdict);
    case "unchanged":
      return "trained no model: nothing has changed since the last one";
    case "not_enough_history":
      return `trained no model: not enough history${enough_from === null ? "" : ` until ${enough_from}`}`;
    case "features":
      return "computed features";
    case "running":
      return `running${state === null ? "" : ` at ${state}`}`;
    case "failed":
      return `failed${state === null ? "" : ` at ${state}`}`;
  }
}

/** One line for each run. */
export function describeRuns(runs: readonly RunRecord[]): string {
  const pipelines = new Set(runs.map(({ pipeline }) => pipeline));
  const several = pipelines.size > 1;
  return table(
    [
      ...["run", ...(several ? ["pipeline"] : []), "as of", "started (UTC)", "time"],
      ...["new events", "published", "quarantined", "feature rows", "outcome"],
    ],
    runs.map((run) => [
      ...[run.name, ...(several ? [run.pipeline] : []), run.as_of ?? "", minute(run.started_at), duration(run.seconds)],
      ...[run.new_events, run.published, total(run.quarantined), run.feature_rows],
      `${outcomeOf(run)}${run.error === null ? "" : `: ${run.error}`}`,
    ]),
  );
}

/** Such as "Run features-2026-03-01-abc of shop as of 2026-03-01: computed features (38 s)". */
export function headline(record: RunRecord): string {
  const asOf = record.as_of === null ? "" : ` as of ${record.as_of}`;
  return `Run ${record.name} of ${record.pipeline}${asOf}: ${outcomeOf(record)} (${duration(record.seconds)})`;
}

/** The error with its cause. Step Functions' own name for a failed task says nothing that its cause does not say. */
export function failureText({ error, cause }: Pick<RunRecord, "error" | "cause">): string | undefined {
  if (error === null) return undefined;
  if (cause === null) return error;
  return error === "States.TaskFailed" ? cause : `${error}: ${cause}`;
}

/** The error that the job of a Glue step names in its cause. */
const isHalted = ({ cause }: RunRecord) => cause?.startsWith("DatasetRuleBroken") === true;

const row = (name: string, text: string) => `  ${name.padEnd(11)}${text}`;

/** Where the run's events went, its features and its model. */
export function countLines({ record, reports }: Run): string[] {
  const { transform, quality, features, score, trainDataset } = reports;
  const lines: string[] = [];
  if (record.report_problem !== null)
    lines.push(row("reports", record.report_problem.replaceAll("\n", `\n${row("", "")}`)));
  if (transform !== undefined) lines.push(row("events", eventsText(record, transform.reread_rows)));
  const reasons = listed(record.quarantined);
  if (reasons !== "") lines.push(row("reasons", reasons));
  for (const { rule, severity, expected, actual, passed } of quality?.rules ?? []) {
    if (!passed) lines.push(row("rule", `✗ ${rule}: expected ${expected}, was ${actual} (${severity})`));
  }
  if (quality?.released)
    lines.push(row("released", `the batch of ${quality.released.run_id}: ${quality.released.reason}`));
  if (features !== undefined) {
    const days = features.cutoffs_computed === 1 ? "1 as-of day" : `${count(features.cutoffs_computed)} as-of days`;
    lines.push(
      row("features", `${count(features.rows_appended)} rows of ${days}; ${count(features.online_rows)} online`),
    );
  }
  if (score !== undefined) lines.push(row("scores", scoresText(score)));
  if (trainDataset !== undefined) lines.push(...trainingLines(trainDataset));
  if (record.not_trained !== null) lines.push(row("no model", record.not_trained));
  for (const [position, rule] of record.verdict.entries()) {
    lines.push(row(position === 0 ? "gate" : "", `${rule.passed ? "✓" : "✗"} ${ruleText(rule)}`));
    if (rule.reason !== undefined) lines.push(row("", `  ${rule.reason}`));
  }
  lines.push(...record.evidence.map((text, position) => row(position === 0 ? "evidence" : "", text)));
  lines.push(...record.warnings.map((warning) => row("WARNING", warning)));
  return lines;
}

type TrainDataset = NonNullable<Run["reports"]["trainDataset"]>;

function scoresText({ rows, version, deciles, exported }: NonNullable<Run["reports"]["score"]>): string {
  const high = deciles.at(-1) ?? 0;
  const place = exported ? "" : "; a newer day is exported";
  return `${count(rows)} entities by v${version}, ${count(high)} of them 0.9 or higher${place}`;
}

function trainingLines({ rows, incomplete_windows }: TrainDataset): string[] {
  const training = rows === undefined ? [] : [row("training", `rows: ${listed(rows)}`)];
  if (incomplete_windows === undefined || incomplete_windows.cutoffs.length === 0) return training;
  const { action, cutoffs } = incomplete_windows;
  const days = cutoffs.length === 1 ? "1 as-of day" : `${cutoffs.length} as-of days`;
  const what = action === "drop" ? `${days} left out` : `${days} kept`;
  return [...training, row("windows", `${what} whose window begins before the first event`)];
}

function eventsText(record: RunRecord, reread: number): string {
  const { new_events: read, published, quarantined, duplicates, committed } = record;
  if (!committed) return `${count(read)} read, none published; the next run reads them again`;
  const parts = [
    `${count(published)} published`,
    `${count(total(quarantined))} quarantined`,
    `${count(duplicates)} duplicates`,
    ...(reread > 0 ? [`${count(reread)} published before`] : []),
  ];
  return `${count(read)} read = ${parts.join(" + ")}`;
}

/** The commands that may follow, ready to paste. */
export function nextLines({ record }: Run, chosen: Chosen, isShown = false): string[] {
  const { name, pipeline, run_id: runId, version, outcome, committed } = record;
  const asOf = record.as_of === null ? [] : ["--as-of", record.as_of];
  const next: [string, (string | number)[]][] = [];
  if (outcome === "running") next.push(["follow it", ["show", name, "--follow"]]);
  if (outcome === "registered" && version !== null && record.approval === "PendingManualApproval") {
    next.push(["approve it", ["approve", pipeline, version, "--reason", "…"]]);
    next.push(["reject it", ["reject", pipeline, version, "--reason", "…"]]);
  }
  if (isHalted(record)) {
    next.push(["publish the batch anyway", ["release", pipeline, runId, ...asOf, "--reason", "…"]]);
  }
  if (committed && total(record.quarantined) > 0) {
    next.push(["all quarantined lines", ["quarantine", "show", pipeline, "--run", runId]]);
  }
  if (outcome === "failed" && !isShown) next.push(["show its details", ["show", name]]);
  const width = Math.max(0, ...next.map(([text]) => text.length));
  return next.map(([text, words]) => `${text.padEnd(width)}  ${commandLine(words, chosen)}`);
}

/** The next commands, below a blank line and a heading; nothing if there is none. */
export const nextBlock = (run: Run, chosen: Chosen, isShown = false): string[] =>
  block(
    "Next",
    nextLines(run, chosen, isShown).map((line) => `  ${line}`),
  );

/** Everything about one run. */
export function describeRun(run: Run, samples: Samples, chosen: Chosen): string {
  const { record } = run;
  const { trigger } = record;
  const failure = failureText(record);
  const why = trigger?.reason ? `: ${trigger.reason}` : "";
  const by = trigger === null ? "" : ` by ${trigger.type} ${trigger.actor}${why}`;
  return [
    headline(record),
    "",
    row("started", `${minute(record.started_at)} UTC${by}`),
    row("mode", record.mode ?? "unknown"),
    ...countLines(run),
    ...(failure === undefined
      ? []
      : [row("cause", clipped(failure, longestCause).replaceAll("\n", `\n${row("", "")}`))]),
    ...sampleText(samples),
    ...nextBlock(run, chosen, true),
  ].join("\n");
}

function sampleText({ lines, problem }: Samples): string[] {
  const texts = lines.flatMap(({ reason, detail, file, position, event }) => [
    `  ${reason}  ${file}${position > 0 ? `, line ${position}` : ""}${detail === "" ? "" : `  (${detail})`}`,
    ...(event === "" ? [] : [`      ${clipped(event, longestEvent)}`]),
  ]);
  return block("Bad lines, for example", problem === null ? texts : [`  ${problem}`]);
}

const block = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", title, ...lines]);
