/** A drift alarm starts one retraining, or publishes why it does not. */
import {
  type DriftReport,
  driftReport,
  type PostponedRetraining,
  postponedRetraining,
} from "../../contracts/drift-report";
import { driftedFeatures } from "../shared/drift";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readPipeline } from "../shared/pipeline";
import { publishAlert } from "../shared/publish";
import { readJson, writeJson } from "../shared/storage";
import { listExecutions, startOnce } from "../shared/workflows";
import { alarmEvent, type Decision, decide, type EarlierRun, horizonOf } from "./core";

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    DRIFT_REPORTS_URI: required,
    RUN_STATE_MACHINE_ARN: required,
    ALERT_TOPIC_ARN: required,
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(rawEvent: unknown): Promise<Decision> {
  const { environment, spec } = setup();
  const event = parseAs(alarmEvent, rawEvent, "the event of monitor-retrain", InvalidInput);
  const now = new Date();
  const latest = await readJson(`${environment.DRIFT_REPORTS_URI}/latest.json`, driftReport);
  const machine = environment.RUN_STATE_MACHINE_ARN;
  const earlier = await executionsSince(machine, horizonOf(spec.monitoring, now));
  const decision = decide(event, latest, earlier, spec, now);
  const { alarmName } = event.detail;
  const about = { environment: environment.DAYBREAK_ENVIRONMENT, pipeline: spec.name, alarmName };
  logger().info("Handling the drift alarm", { alarmName, decision });
  if ("suppressed" in decision) {
    await publishAlert(environment.ALERT_TOPIC_ARN, {
      kind: "retraining-suppressed",
      ...about,
      reason: decision.suppressed,
    });
  }
  if ("postponed" in decision && latest !== undefined) {
    const postponed = await postpone(
      `${environment.DRIFT_REPORTS_URI}/retraining.json`,
      decision.postponed,
      latest.as_of,
    );
    const { asOf, version, drifted } = evidence(latest);
    const { onset, due } = postponed;
    await publishAlert(environment.ALERT_TOPIC_ARN, {
      kind: "retraining-postponed",
      ...about,
      ...{ asOf, version, drifted, onset, due },
    });
    return { postponed };
  }
  if ("start" in decision && latest !== undefined) {
    const { name, input } = decision.start;
    // The input names the alarm: a retry for the same alarm gets the running execution, another alarm an error.
    const { executionArn, started } = await startOnce(machine, name, input);
    if (!started) return { repeat: `${name} has started for the same drift check` };
    await publishAlert(environment.ALERT_TOPIC_ARN, {
      kind: "retraining-started",
      ...about,
      ...evidence(latest),
      executionArn,
    });
  }
  return decision;
}

/** Keeps the retraining for the run at dawn; one that waits already, and is due earlier, stays: an alarm that comes and goes must not put it off. */
async function postpone(uri: string, wanted: PostponedRetraining, asOf: string): Promise<PostponedRetraining> {
  const waiting = await readJson(uri, postponedRetraining);
  if (waiting !== undefined && waiting.due >= asOf && waiting.due <= wanted.due) return waiting;
  await writeJson(uri, wanted);
  return wanted;
}

function evidence(latest: DriftReport) {
  const drifted = driftedFeatures(latest.features).map((name) => ({ name, psi: latest.features[name]?.psi ?? 0 }));
  if (latest.score?.drifted === true) drifted.push({ name: "(score)", psi: latest.score.psi });
  return { asOf: latest.as_of, version: latest.version, rows: latest.rows, drifted };
}

async function executionsSince(stateMachineArn: string, since: Date): Promise<EarlierRun[]> {
  const runs: EarlierRun[] = [];
  for await (const { name, startDate } of listExecutions(stateMachineArn)) {
    if (name === undefined || startDate === undefined) continue;
    if (startDate < since) break;
    runs.push({ name, startedAt: startDate });
  }
  return runs;
}
