/** A backtest: replays a pipeline's history over its as-of days, once for each policy, and compares the policies. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backtest, type BacktestPolicy, backtest, type JudgedPolicies } from "../../contracts/backtest";
import { labelCutoffs, planCutoffs } from "../../lambdas/run-plan/core";
import { addDays } from "../../lambdas/shared/days";
import type { PipelineSpec } from "../../spec/pipeline";
import { StageProgress } from "../demo/progress";
import { Replay } from "../demo/replay";
import { dayOf } from "../demo/timeline";
import { count } from "../shared/output";
import { CommandProblem } from "../shared/problem";
import { checkSql } from "../shared/sql";
import { type Course, follow, type Served } from "./course";
import { PythonJudge } from "./judge";
import { type Policy, policies } from "./policies";
import { recommend } from "./recommend";
import { backtestDays, prepareRows } from "./rows";

export interface BacktestOptions {
  spec: PipelineSpec;
  /** The events; undefined for an example pipeline, which has its own. */
  data: string | undefined;
  /** The option --pipelines if it was given, for the commands in messages. */
  pipelines?: string | undefined;
  silent?: boolean;
}

/** Runs a backtest without a cloud. Its files are removed at the end. */
export async function runBacktest({ spec, data, pipelines, silent }: BacktestOptions): Promise<Backtest> {
  const progress = new StageProgress(silent);
  progress.heading(`Daybreak · ${spec.name}: which retraining policy would have been best?`);
  const replay = await progress.stage({ title: "Read the data", kind: "setup" }, async (stage) => {
    const read = await Replay.of(spec, data, { words: ["backtest", spec.name], pipelines });
    stage.detail(`${count(read.size)} events`);
    return read;
  });
  if (data !== undefined) {
    await progress.stage({ title: "Check the pipeline's SQL", kind: "setup" }, () => checkSql(spec));
  }
  const folder = mkdtempSync(join(tmpdir(), "daybreak-backtest-"));
  try {
    return backtest.parse(await replayHistory(spec, replay, folder, progress));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function replayHistory(
  spec: PipelineSpec,
  replay: Replay,
  folder: string,
  progress: StageProgress,
): Promise<Backtest> {
  const calendar = backtestDays(replay.range, spec);
  const { days, lastDay } = calendar;
  const judged = labelCutoffs(days, lastDay, spec);
  if (judged.length === 0) throw new CommandProblem(...tooShort(spec, replay));
  const { prepared, rowsFolder } = await progress.stage(
    { title: "Features and labels", kind: "features" },
    async (stage) => {
      stage.waitFor(`${days.length} as-of days, ${days[0]} to ${lastDay}`);
      const made = await prepareRows(spec, replay, calendar, folder);
      stage.detail(`${count(made.prepared.events)} events, ${days.length} as-of days`);
      return made;
    },
  );
  const specFile = join(folder, "spec.json");
  writeFileSync(specFile, JSON.stringify(spec));
  const judge = new PythonJudge(specFile, rowsFolder, (day) => cutoffsOf(spec, days, day));
  try {
    await progress.stage({ title: "Train a model as of every day", kind: "train" }, async (stage) => {
      let done = 0;
      const trained = await Promise.all(
        judged.map(async (day) => {
          const { outcome } = await judge.train(day);
          done += 1;
          stage.waitFor(`${done} of ${judged.length}`);
          return outcome === "trained";
        }),
      );
      stage.detail(`${trained.filter(Boolean).length} models`);
    });
    const followed = await Promise.all(
      policies.map((policy) =>
        progress.stage({ title: `Policy ${policy.title.toLowerCase()}`, kind: "monitor" }, async (stage) => {
          const course = await follow(policy, judged, judge, spec, (day) => stage.waitFor(day));
          stage.detail(described(course));
          return [policy, course] as const;
        }),
      ),
    );
    const courses = new Map(followed);
    const compared = comparedDays([...courses.values()]);
    const [first, last] = [compared[0], compared.at(-1)];
    if (first === undefined || last === undefined) throw new CommandProblem(...neverAccepted(courses));
    const quality = await progress.stage({ title: "Compare the policies", kind: "monitor" }, () =>
      judge.compare(servedOn(courses, compared)),
    );
    const judgedPolicies = describePolicies(courses, quality, compared);
    const facts = {
      policies: judgedPolicies,
      metric: spec.gates.champion.metric,
      margin: spec.gates.champion.margin,
    };
    return {
      schema: "daybreak-backtest/1",
      pipeline: {
        name: spec.name,
        description: spec.description,
        label: spec.label.name,
        label_description: spec.label.description,
        horizon_days: spec.label.horizon_days,
      },
      data: {
        title: replay.title,
        first_day: dayOf(replay.range.first),
        last_day: dayOf(replay.range.last),
        events: prepared.events,
        left_out: prepared.left_out,
      },
      generated_at: new Date().toISOString(),
      seconds: progress.elapsed,
      ...facts,
      cutoff_every_days: spec.training.cutoff_every_days,
      first_compared: first,
      last_compared: last,
      incomplete_windows: calendar.incompleteWindows,
      recommendation: recommend(facts),
    };
  } finally {
    await judge.close();
  }
}

/** The cutoffs of a training as of a day, as the run's plan chooses them, among the days with complete windows. */
function cutoffsOf(spec: PipelineSpec, days: readonly string[], day: string): string[] {
  const known = labelCutoffs(planCutoffs(day, spec.training), day, spec);
  return known.filter((cutoff) => days.includes(cutoff));
}

/** The days on which every policy scored with a model. */
function comparedDays(courses: readonly Course[]): string[] {
  const [first, ...others] = courses.map(({ served }) => new Set(served.map(({ as_of }) => as_of)));
  return [...(first ?? [])].filter((day) => others.every((days) => days.has(day)));
}

function servedOn(courses: ReadonlyMap<Policy, Course>, days: readonly string[]): Record<string, Served[]> {
  const wanted = new Set(days);
  const entries = [...courses].map(([{ name }, { served }]) => [name, served.filter(({ as_of }) => wanted.has(as_of))]);
  return Object.fromEntries(entries);
}

function describePolicies(
  courses: ReadonlyMap<Policy, Course>,
  { policies: judged }: JudgedPolicies,
  compared: readonly string[],
): BacktestPolicy[] {
  const metricOf = (name: string) => judged[name]?.overall.metric.value ?? Number.NEGATIVE_INFINITY;
  const best = [...courses.keys()].map(({ name }) => name).sort((one, other) => metricOf(other) - metricOf(one))[0];
  const versionsOf = ({ served }: Course) =>
    served.filter(({ as_of }) => as_of >= (compared[0] ?? "")).map(({ version }) => version);
  const known = new Map<string, Policy["name"]>();
  return [...courses].map(([{ name, title }, course]) => {
    const found = judged[name];
    if (found === undefined) throw new Error(`the judge did not answer about the policy ${name}`);
    const versions = versionsOf(course);
    const key = versions.join();
    const same = known.get(key) ?? null;
    if (same === null) known.set(key, name);
    return {
      ...{ name, title, trainings: course.trainings, scheduled_trainings: course.scheduledTrainings },
      versions: new Set(versions).size,
      days: found.days,
      overall: found.overall,
      against_best: best === undefined || best === name ? null : (found.differences[best] ?? null),
      same_as: same,
    };
  });
}

function described({ trainings, served }: Course): string {
  const accepted = trainings.filter(({ outcome }) => outcome === "accepted").length;
  const refused = trainings.filter(({ outcome }) => outcome === "refused").length;
  return `${accepted} accepted, ${refused} refused, ${served.length} as-of days served`;
}

function tooShort({ features, label }: PipelineSpec, { range }: Replay): [string, string] {
  const [first, last] = [dayOf(range.first), dayOf(range.last)];
  const needed = addDays(first, features.window_days + label.horizon_days);
  return [
    `The data spans ${first} to ${last}, too short for a backtest.`,
    `The first as-of day needs a whole window of ${features.window_days} days before it and the label's horizon of ${label.horizon_days} days after it: data until ${needed} at least.`,
  ];
}

function neverAccepted(courses: ReadonlyMap<Policy, Course>): [string, string] {
  const last = [...courses.values()].flatMap(({ trainings }) => trainings).at(-1);
  return [
    "No model was accepted early enough to serve, so there is nothing to compare.",
    last === undefined
      ? "There was no training."
      : `The last training, as of ${last.as_of}: ${last.outcome}, ${last.detail}.`,
  ];
}
