/** The drift check: takes the drift of a scored day to the metrics, whose alarms alert and retrain. */
import * as z from "zod/mini";
import { type DriftReport, driftReport, scoredDay } from "../../contracts/drift-report";
import { monitorInput } from "../../contracts/monitor-execution";
import { scoreDrift } from "../../contracts/score-drift";
import { execution } from "../../contracts/values";
import { dayIn } from "../shared/days";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput } from "../shared/errors";
import { logger } from "../shared/logger";
import { instantName } from "../shared/names";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readPipeline } from "../shared/pipeline";
import { describeServing } from "../shared/serving";
import { readJson, readRequiredJson, writeJson } from "../shared/storage";
import { judgeDrift, skippedReport } from "./core";
import { driftMetrics, putMetrics } from "./metrics";

const monitorEvent = z.object({ execution, input: monitorInput });

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    POWERTOOLS_METRICS_NAMESPACE: required,
    DRIFT_REPORTS_URI: required,
    SCORE_REPORTS_URI: required,
    ENDPOINT_NAME: required,
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(rawEvent: unknown): Promise<DriftReport> {
  const { environment, spec } = setup();
  const { input } = parseAs(monitorEvent, rawEvent, "the event of monitor-drift", InvalidInput);
  const folder = environment.DRIFT_REPORTS_URI;
  const latestUri = `${folder}/latest.json`;
  const latest = await readJson(latestUri, driftReport);
  const report = await check(input.asOf ?? undefined, latest);
  // Written before the metrics, because the alarm that they raise reads it. The run counts as checked only once the metrics
  // are sent: otherwise the drift found by a check that is interrupted in between would be lost.
  await writeJson(latestUri, { ...report, checked_run: latest?.checked_run ?? null });
  const points = driftMetrics(report, environment.DAYBREAK_ENVIRONMENT, spec.name, new Date());
  await putMetrics(environment.POWERTOOLS_METRICS_NAMESPACE, points);
  await writeJson(`${folder}/${instantName(new Date(report.checked_at))}.json`, report);
  await writeJson(latestUri, report);
  const { status, reason, rows, version } = report;
  logger().info("Checked for drift", { status, reason, rows, version });
  return report;
}

async function check(asOf: string | undefined, latest: DriftReport | undefined): Promise<DriftReport> {
  const { environment } = setup();
  const { ENDPOINT_NAME: endpoint, SCORE_REPORTS_URI: scores } = environment;
  const checkedAt = new Date();
  const serving = await describeServing(endpoint);
  const context = { version: serving?.version ?? null, asOf: asOf ?? dayIn("UTC", checkedAt), checkedAt, latest };
  if (serving === undefined) return skippedReport(`the endpoint ${endpoint} does not exist yet`, context);
  const scored = await readJson(`${scores}/${asOf === undefined ? "latest" : `days/${asOf}`}.json`, scoredDay);
  if (scored === undefined) return skippedReport(`no run has scored ${asOf ?? "a day"} yet`, context);
  const drift = await readRequiredJson(scored.drift_uri, scoreDrift, "the run's state ScoreCustomers");
  return judgeDrift(drift, { ...context, asOf: drift.as_of });
}
