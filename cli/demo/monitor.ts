/** Checks a scored day for drift, and the scores whose labels have become known, and waits for the reaction to an alarm. */
import { setTimeout as sleep } from "node:timers/promises";
import { flush } from "@daybreak/local";
import type { AlertMessage, AlertOf } from "../../contracts/alert-message";
import { driftReport } from "../../contracts/drift-report";
import type { ModelQuality } from "../../contracts/model-quality";
import { servingReport } from "../../contracts/serving-report";
import type { DriftSummary, ServingSummary } from "../../contracts/summary";
import type { RetrainingCause } from "../../contracts/values";
import { consequenceText } from "../report/format";
import { expectSucceeded, followExecution, startExecution } from "../shared/executions";
import { readJson } from "../shared/lake";
import { count } from "../shared/output";
import type { Demo } from "./context";
import { populationOf } from "./population";
import { newQualityCheck } from "./quality";

/** The reaction to an alarm, a retraining or the reason for none, takes much less than this. */
const answerTimeoutMilliseconds = 45_000;
/** If no alarm is raised within this time, none will be; the local cloud evaluates alarms every second. */
const alarmTimeoutMilliseconds = 5_000;
const pollMilliseconds = 400;

export interface Monitored {
  check: DriftSummary;
  /** The execution that an alarm started, if any, and why. */
  retraining: AlertOf<"retraining-started"> | undefined;
  reason: string | undefined;
}

/** One check of an as-of day; the live traffic goes on with that day's entities. */
export async function monitor(demo: Demo, asOf: string): Promise<Monitored> {
  return demo.progress.stage({ title: `Check ${asOf} for drift and quality`, kind: "monitor", asOf }, async (stage) => {
    const { current, stale } = await populationOf(demo, asOf);
    demo.traffic.setPopulation(current);
    // A site asks about whomever it meets; serving has to refuse those who have no features of the day.
    await demo.traffic.askAll(stale);
    const since = { messages: (await demo.inbox.messages()).length, alarms: demo.records.alarms.length };
    // The requests since the last check are to be in this one.
    await flush(demo.cloud);
    const arn = await startExecution(demo.pipeline.monitorStateMachineArn, `check-${asOf}`, { asOf });
    const execution = expectSucceeded(await followExecution(arn, () => stage.waitFor("the checks")));
    const { reason, ...found } = driftReport.parse(execution.output);
    const check: DriftSummary = {
      ...{ as_of: found.as_of, checked_at: found.checked_at, version: found.version, status: found.status },
      ...{ rows: found.rows, features: found.features, score: found.score },
      ...(reason === undefined ? {} : { reason }),
      consequence: { outcome: "none" },
    };
    demo.records.checks.push(check);
    const serving = await recordServingCheck(demo);
    const quality = await newQualityCheck(demo);
    if (quality !== undefined) demo.records.qualityChecks.push(quality);
    await lookAtAlarms(demo);
    let retraining: Monitored["retraining"];
    if (check.status === "drift") {
      stage.waitFor("the alarm and its consequence");
      ({ consequence: check.consequence, retraining } = await awaitConsequence(demo, since, "drift"));
    }
    const lines = [describe(check)];
    if (serving !== undefined) lines.push(`serving ${servingText(serving)}`);
    if (quality !== undefined) {
      lines.push(describeQuality(quality));
      if (quality.status === "broken") {
        stage.waitFor("the alarm and its consequence");
        const answer = await awaitConsequence(demo, since, "quality");
        lines.push(consequenceText(answer.consequence));
        retraining ??= answer.retraining;
      }
    }
    stage.detail(lines.join("; "));
    return { check, retraining, reason: retraining?.cause === "quality" ? quality?.reason : check.reason };
  });
}

const lookAtAlarms = ({ records, pipeline }: Demo) =>
  records.lookAtAlarms([...pipeline.driftAlarmNames, pipeline.qualityAlarmName, pipeline.servingAlarmName]);

/** Takes the report on the captured requests to the records and returns it, unless it is that of an earlier check. */
async function recordServingCheck({ pipeline, records }: Demo): Promise<ServingSummary | undefined> {
  const report = await readJson(`${pipeline.datasets.serving_reports.uri}/latest.json`, servingReport);
  if (report === undefined || report.checked_at === records.servingChecks.at(-1)?.checked_at) return undefined;
  const { position: _position, ...check } = report;
  records.servingChecks.push(check);
  return check;
}

function servingText({ status, reason, requests, unfaithful }: ServingSummary): string {
  if (status === "skipped") return `not checked: ${reason ?? ""}`;
  return `${status} (${count(unfaithful)} of ${count(requests)} captured requests differ from what is stored)`;
}

interface Answer {
  consequence: DriftSummary["consequence"];
  retraining: Monitored["retraining"];
}

/** The reaction to an alarm, if it is among these messages: a retraining, or the reason for none. */
export function answerIn(messages: readonly AlertMessage[], cause: RetrainingCause): Answer | undefined {
  for (const message of messages) {
    // The cause in the alert about a failed workflow is a text.
    if (!("alarmName" in message) || message.cause !== cause) continue;
    if (message.kind === "retraining-started") {
      return { consequence: { outcome: "retraining-started" }, retraining: message };
    }
    if (message.kind === "retraining-postponed") {
      const reason = `the labels of the days since ${message.onset} are known on ${message.due}, and the run at dawn of that day trains`;
      return { consequence: { outcome: "retraining-postponed", reason }, retraining: undefined };
    }
    if (message.kind === "retraining-suppressed") {
      return {
        consequence: { outcome: "retraining-suppressed", reason: message.reason },
        retraining: undefined,
      };
    }
  }
  return undefined;
}

async function awaitConsequence(
  demo: Demo,
  since: { messages: number; alarms: number },
  cause: RetrainingCause,
): Promise<Answer> {
  const { inbox, records, pipeline } = demo;
  const names = cause === "drift" ? pipeline.driftAlarmNames : [pipeline.qualityAlarmName];
  const raised = () =>
    records.alarms.slice(since.alarms).some(({ alarm, state }) => state === "ALARM" && names.includes(alarm));
  const started = Date.now();
  while (Date.now() - started < (raised() ? answerTimeoutMilliseconds : alarmTimeoutMilliseconds)) {
    await lookAtAlarms(demo);
    const answer = answerIn((await inbox.messages()).slice(since.messages), cause);
    if (answer !== undefined) return answer;
    await sleep(pollMilliseconds);
  }
  const outcome = raised() ? "no-answer" : records.isAlarmed(names) ? "alarm-unchanged" : "no-alarm";
  return { consequence: { outcome }, retraining: undefined };
}

function describe(check: DriftSummary): string {
  if (check.status === "skipped") return `check skipped: ${check.reason ?? ""}`;
  const [worst] = Object.entries(check.features)
    .filter(([, { importance }]) => importance > 0)
    .sort(([, left], [, right]) => right.strength - left.strength);
  const strongest = worst === undefined ? "" : `, strongest ${worst[1].strength.toFixed(2)} of 1 (${worst[0]})`;
  const consequence = consequenceText(check.consequence);
  return `${check.status}, v${check.version ?? "?"}, ${count(check.rows)} rows${strongest}${consequence === "" ? "" : `; ${consequence}`}`;
}

/** Such as "quality of v1: AUC 0.720 [0.680, 0.750], promised 0.725 (616 scores as of 1997-12-08)". */
export function describeQuality({ versions, metric }: ModelQuality): string {
  return versions
    .map(({ version, status, reason = "", metrics, rows, days }) => {
      if (status === "skipped") return `quality of v${version}: no result (${reason})`;
      const { value, interval, promised } = metrics[metric];
      const name = metric === "auc" ? "AUC" : "F1";
      const ends = interval === null ? "" : ` [${interval.map(figure).join(", ")}]`;
      const over = days.length === 1 ? `as of ${days[0]}` : `of ${days.length} days`;
      const broken = status === "broken" ? "BELOW THE PROMISE: " : "";
      return `quality of v${version}: ${broken}${name} ${figure(value)}${ends}, promised ${figure(promised)} (${count(rows)} scores ${over})`;
    })
    .join("; ");
}

const figure = (value: number | null): string => value?.toFixed(3) ?? "?";
