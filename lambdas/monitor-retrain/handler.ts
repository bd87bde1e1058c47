/** An alarm of drift or quality starts one retraining, or publishes why it does not. */
import { driftReport, type PostponedRetraining, postponedRetraining } from "../../contracts/drift-report";
import { modelQuality } from "../../contracts/model-quality";
import type { RetrainingCause } from "../../contracts/values";
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
import { driftFinding, type Finding, qualityFinding } from "./finding";

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    DRIFT_REPORTS_URI: required,
    MODEL_QUALITY_URI: required,
    QUALITY_ALARM_NAME: required,
    RUN_STATE_MACHINE_ARN: required,
    ALERT_TOPIC_ARN: required,
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(rawEvent: unknown): Promise<Decision> {
  const { environment, spec } = setup();
  const event = parseAs(alarmEvent, rawEvent, "the event of monitor-retrain", InvalidInput);
  const now = new Date();
  const { alarmName } = event.detail;
  const cause: RetrainingCause = alarmName === environment.QUALITY_ALARM_NAME ? "quality" : "drift";
  const latest = await newestCheck(cause);
  const machine = environment.RUN_STATE_MACHINE_ARN;
  const earlier = await executionsSince(machine, horizonOf(spec.monitoring, now));
  const decision = decide(event, cause, latest, earlier, spec, now);
  const about = { environment: environment.DAYBREAK_ENVIRONMENT, pipeline: spec.name, alarmName, cause };
  logger().info("Handling the alarm", { alarmName, decision });
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
      latest.asOf,
    );
    const { onset, due } = postponed;
    const { version, drifted, shortfall } = latest.evidence;
    await publishAlert(environment.ALERT_TOPIC_ARN, {
      kind: "retraining-postponed",
      ...about,
      ...{ asOf: latest.asOf, version, drifted, shortfall, onset, due },
    });
    return { postponed };
  }
  if ("start" in decision && latest !== undefined) {
    const { name, input } = decision.start;
    // The input names the alarm: a retry for the same alarm gets the running execution, another alarm an error.
    const { executionArn, started } = await startOnce(machine, name, input);
    if (!started) return { repeat: `${name} has started for the same ${cause} check` };
    await publishAlert(environment.ALERT_TOPIC_ARN, {
      kind: "retraining-started",
      ...about,
      asOf: latest.asOf,
      ...latest.evidence,
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

/** The newest check of the kind whose alarm fired. */
async function newestCheck(cause: RetrainingCause): Promise<Finding | undefined> {
  const { environment } = setup();
  if (cause === "quality") {
    const quality = await readJson(`${environment.MODEL_QUALITY_URI}/latest.json`, modelQuality);
    return quality && qualityFinding(quality);
  }
  const drift = await readJson(`${environment.DRIFT_REPORTS_URI}/latest.json`, driftReport);
  return drift && driftFinding(drift);
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
