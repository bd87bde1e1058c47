/** Plans the monitor job: the requests captured, and the scored days whose labels have become known, since the last checks. */
import * as z from "zod/mini";
import { scoredDay } from "../../contracts/drift-report";
import { judgedDay, modelQuality } from "../../contracts/model-quality";
import { monitorInput } from "../../contracts/monitor-execution";
import type { MaturedDay, MonitorPlan, QualityPlan } from "../../contracts/monitor-plan";
import { champion } from "../../contracts/run-plan";
import { modelVersion } from "../../contracts/values";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput, MissingReport } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readPipeline } from "../shared/pipeline";
import { listObjects, parseUri, readJson, readRequiredJson } from "../shared/storage";
import { daysToCheck, evaluationOf, type FoundDay, type Range, rangeOf } from "./core";
import { planServing } from "./serving";

// Earlier releases may have written these files: only what is needed here is asked of them.
const planned = z.object({ champion: z.nullable(z.pick(champion, { version: true, baseline_uri: true })) });
const judged = z.pick(judgedDay, { run_id: true });
const checked = z.pick(modelQuality, { newest_day: true });

const planEvent = z.object({ input: monitorInput, version: z.nullable(modelVersion) });

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    SCORE_REPORTS_URI: required,
    RUN_REPORTS_URI: required,
    MODEL_QUALITY_URI: required,
    CAPTURE_FOLDER: required,
    SERVING_REPORTS_URI: required,
    ENDPOINT_NAME: required,
    VARIANT_NAME: required,
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(rawEvent: unknown): Promise<MonitorPlan> {
  const { input, version } = parseAs(planEvent, rawEvent, "the event of monitor-plan", InvalidInput);
  const { environment } = setup();
  const serving = await planServing({
    folder: environment.CAPTURE_FOLDER,
    reportsUri: environment.SERVING_REPORTS_URI,
    endpoint: environment.ENDPOINT_NAME,
    variant: environment.VARIANT_NAME,
  });
  const quality = await planQuality(input.asOf ?? undefined);
  logger().info("Planned the checks", {
    captures: serving !== null,
    days: quality?.days.map(({ as_of, judged }) => ({ as_of, judged })) ?? [],
  });
  return { version, serving, quality };
}

/** What the check of the quality has to look at; null if no more labels are known than at the last one. */
async function planQuality(asked: string | undefined): Promise<QualityPlan | null> {
  const { environment, spec } = setup();
  const { SCORE_REPORTS_URI: scores, MODEL_QUALITY_URI: reports } = environment;
  const newest = await readJson(`${scores}/${asked === undefined ? "latest" : `days/${asked}`}.json`, scoredDay);
  if (newest === undefined) return null;
  const latest = await readJson(`${reports}/latest.json`, checked);
  const range = rangeOf(newest.as_of, latest?.newest_day, spec);
  const found = await Promise.all((await scoredDays(scores, range)).map((day) => foundDay(day, scores, reports)));
  const wanted = daysToCheck(found, spec);
  if (wanted === undefined) return null;
  return { as_of: newest.as_of, since: wanted.since, days: await Promise.all(wanted.days.map(maturedDay)) };
}

/** The scored days of a range, oldest first. The listing begins where the range does. */
async function scoredDays(scores: string, { from, until }: Range): Promise<string[]> {
  const { bucket, key } = parseUri(`${scores}/days/`);
  const days: string[] = [];
  for await (const object of listObjects(bucket, key, `${key}${from}`)) {
    const day = object.key.slice(key.length).replace(/\.json$/, "");
    if (day > until) break;
    days.push(day);
  }
  return days;
}

async function foundDay(day: string, scores: string, reports: string): Promise<FoundDay> {
  const [scored, known] = await Promise.all([
    readRequiredJson(`${scores}/days/${day}.json`, scoredDay, "the run's step score"),
    readJson(`${reports}/days/${day}.json`, judged),
  ]);
  return { as_of: scored.as_of, run_id: scored.run_id, judgedRun: known?.run_id };
}

/** A day with the version that scored it, which the plan of the run names. */
async function maturedDay({ as_of, run_id, judgedRun }: FoundDay): Promise<MaturedDay> {
  const uri = `${setup().environment.RUN_REPORTS_URI}/${run_id}/plan.json`;
  const { champion: scorer } = await readRequiredJson(uri, planned, "run-plan");
  if (scorer === null) throw new MissingReport(`${uri} names no serving version, but the run has scored ${as_of}`);
  const { version, baseline_uri } = scorer;
  return { as_of, run_id, version, evaluation_uri: evaluationOf(baseline_uri), judged: run_id === judgedRun };
}
