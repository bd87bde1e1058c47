/** The drift check: compares the serving version's captures since the last check with that version's baseline. */
import * as z from "zod/mini";
import { baseline } from "../../contracts/baseline";
import { type DriftReport, driftReport, type ReadMark } from "../../contracts/drift-report";
import { monitorInput } from "../../contracts/monitor-execution";
import { execution } from "../../contracts/values";
import { dayIn } from "../shared/days";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput, MissingReport } from "../shared/errors";
import { logger } from "../shared/logger";
import { instantName } from "../shared/names";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readPipeline } from "../shared/pipeline";
import { describeServing, type Serving } from "../shared/serving";
import { parseUri, readJson, readRequiredJson, writeJson } from "../shared/storage";
import { DriftCheck, judgeDrift, skippedReport, whereToReadOn } from "./core";
import { driftMetrics, putMetrics } from "./metrics";
import { readCaptures } from "./reading";
import { sharesOf } from "./shares";

const monitorEvent = z.object({ execution, input: monitorInput });

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    POWERTOOLS_METRICS_NAMESPACE: required,
    DRIFT_REPORTS_URI: required,
    ENDPOINT_NAME: required,
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(rawEvent: unknown): Promise<DriftReport> {
  const { environment, spec } = setup();
  const { input } = parseAs(monitorEvent, rawEvent, "the event of monitor-drift", InvalidInput);
  const checkedAt = new Date();
  const asOf = input.asOf ?? dayIn("UTC", checkedAt);
  const folder = environment.DRIFT_REPORTS_URI;
  const serving = await describeServing(environment.ENDPOINT_NAME);
  const latestUri = `${folder}/latest.json`;
  const { report, lastRead } =
    serving === undefined
      ? {
          report: skippedReport(`the endpoint ${environment.ENDPOINT_NAME} does not exist yet`, asOf, checkedAt, null),
          lastRead: null,
        }
      : await checkServing(serving, latestUri, asOf, checkedAt);
  // Written before the metrics, because the alarm that they raise reads it. The captures count as read only once the metrics are
  // sent: otherwise the drift found by a check that is interrupted in between would be lost, because the next one would have nothing to check.
  await writeJson(latestUri, { ...report, read_through: lastRead });
  const points = driftMetrics(report, environment.DAYBREAK_ENVIRONMENT, spec.name);
  await putMetrics(environment.POWERTOOLS_METRICS_NAMESPACE, points);
  await writeJson(`${folder}/${instantName(checkedAt)}.json`, report);
  await writeJson(latestUri, report);
  const { status, reason, samples, version } = report;
  logger().info("Checked for drift", { status, reason, samples, version });
  return report;
}

interface Checked {
  report: DriftReport;
  /** How far the captures had been read before. */
  lastRead: ReadMark | null;
}

async function checkServing(serving: Serving, latestUri: string, asOf: string, checkedAt: Date): Promise<Checked> {
  const { spec } = setup();
  const { version, modelPackageArn, captureUri, lineage } = serving;
  if (captureUri === undefined) {
    return { report: skippedReport("data capture is off", asOf, checkedAt, version), lastRead: null };
  }
  if (lineage.baseline_uri === undefined)
    throw new MissingReport(`${modelPackageArn} has no baseline_uri in its metadata`);
  const expected = await readRequiredJson(lineage.baseline_uri, baseline, "the evaluation");
  const latest = await readJson(latestUri, driftReport);
  const lastRead = latest === undefined ? null : whereToReadOn(latest, version);
  const { bucket, key } = parseUri(captureUri);
  const check = new DriftCheck(sharesOf(expected));
  const captures = await readCaptures({ bucket, prefix: `${key.replace(/\/+$/, "")}/` }, lastRead, check);
  const report = judgeDrift(check, spec.monitoring, {
    version,
    modelPackageArn,
    asOf,
    checkedAt,
    captureObjects: captures.objects,
    readThrough: captures.readThrough,
    lastRead,
  });
  return { report, lastRead };
}
