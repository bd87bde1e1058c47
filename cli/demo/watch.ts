/** Scores a day's live traffic, checks it for drift, and sees what a drift alarm sets off. */
import { setTimeout as sleep } from "node:timers/promises";
import { flush, slackMessagesAt } from "@daybreak/local";
import { z } from "zod";
import type { DriftSummary } from "../report/summary";
import { expectSucceeded, findExecution, followExecution, startExecution } from "../shared/executions";
import { count } from "../shared/output";
import type { Demo } from "./context";
import { populationOf } from "./population";

const consequenceTimeoutMilliseconds = 45_000;
const pollMilliseconds = 400;

const report = z.looseObject({
  status: z.enum(["drift", "stable", "skipped"]),
  reason: z.string().optional(),
  samples: z.number().int(),
  version: z.number().nullable(),
  as_of: z.string(),
  features: z.record(z.string(), z.object({ psi: z.number(), drifted: z.boolean() })),
  prediction: z.object({ psi: z.number(), drifted: z.boolean() }).nullable(),
  checked_at: z.string(),
});

export interface WatchResult {
  check: DriftSummary;
  /** The execution that the alarm started, if it did. */
  retraining: string | undefined;
}

/** One look at the live traffic of an as-of day. */
export async function watch(demo: Demo, asOf: string): Promise<WatchResult> {
  return demo.progress.stage({ title: `Watch the traffic of ${asOf}`, kind: "monitor", asOf }, async (stage) => {
    stage.waitFor("whom to score");
    const population = await populationOf(demo, asOf);
    demo.traffic.setPopulation(population);
    stage.waitFor(`scoring ${count(population.length)} entities`);
    await demo.traffic.askAll(population);
    stage.waitFor("the data capture");
    await flush(demo.endpoint);
    const alertsBefore = (await slackMessagesAt(demo.endpoint)).length;
    const checkedFrom = Date.now();
    const name = `check-${asOf}`;
    const arn = await startExecution(demo.pipeline.monitorStateMachineArn, name, { asOf });
    const execution = expectSucceeded(await followExecution(arn, () => stage.waitFor("the drift check")));
    const { reason, ...found } = report.parse(execution.output);
    const check: DriftSummary = {
      ...{ as_of: found.as_of, checked_at: found.checked_at, version: found.version, status: found.status },
      ...{ samples: found.samples, features: found.features, prediction: found.prediction },
      ...(reason === undefined ? {} : { reason }),
      consequence: "none",
    };
    demo.records.checks.push(check);
    await demo.records.lookAtAlarms(demo.pipeline.driftAlarmNames);
    const retraining =
      check.status === "drift" ? await consequenceOf(demo, check, checkedFrom, alertsBefore, stage.waitFor) : undefined;
    stage.detail(describe(check));
    return { check, retraining };
  });
}

function describe(check: DriftSummary): string {
  const worst = Object.entries(check.features).sort(([, left], [, right]) => right.psi - left.psi)[0];
  const psi = worst === undefined ? "" : `, highest PSI ${worst[1].psi.toFixed(2)} (${worst[0]})`;
  const then = check.consequence === "none" ? "" : `; ${check.consequence}`;
  return check.status === "skipped"
    ? `check skipped: ${check.reason ?? ""}`
    : `${check.status}, v${check.version ?? "?"}, ${count(check.samples)} samples${psi}${then}`;
}

/** Waits for what the alarm brings about: a training run, or a message that says why there is none. */
async function consequenceOf(
  demo: Demo,
  check: DriftSummary,
  since: number,
  alertsBefore: number,
  waitFor: (text: string) => void,
): Promise<string | undefined> {
  waitFor("the alarm, the Slack message and the retraining");
  const known = new Set(demo.records.runs.map(({ name }) => name));
  const until = Date.now() + consequenceTimeoutMilliseconds;
  let arn: string | undefined;
  let alerted = false;
  let suppressed: string | undefined;
  while (Date.now() < until) {
    await demo.records.lookAtAlarms(demo.pipeline.driftAlarmNames);
    arn ??= await findExecution(
      demo.pipeline.runStateMachineArn,
      (name) => name.startsWith("drift-") && !known.has(name),
      0,
    );
    const news = (await slackMessagesAt(demo.endpoint)).slice(alertsBefore);
    alerted = news.length > 0;
    suppressed = news
      .map(({ message }) => textOf(message))
      .find((text) => /not retrain|suppress|no retrain/i.test(text));
    if ((arn !== undefined && alerted) || (suppressed !== undefined && arn === undefined)) break;
    await sleep(pollMilliseconds);
  }
  const waited = `${((Date.now() - since) / 1000).toFixed(0)} s`;
  if (arn !== undefined) {
    check.consequence = alerted
      ? "the alarm posted to Slack and started retraining"
      : "the alarm started retraining; no Slack message came";
    return arn;
  }
  check.consequence =
    suppressed === undefined
      ? `no retraining within ${waited}: ${demo.records.isAlarmed ? "the alarm had not changed its state" : "the alarm did not go off"}`
      : `no retraining: ${suppressed.split("\n")[0]}`;
  return undefined;
}

/** The words of a Slack message, wherever its blocks keep them. */
export function textOf(message: unknown): string {
  if (typeof message === "string") return "";
  if (Array.isArray(message)) return message.map(textOf).filter(Boolean).join("\n");
  if (typeof message !== "object" || message === null) return "";
  return Object.entries(message)
    .map(([key, value]) => (key === "text" && typeof value === "string" ? value : textOf(value)))
    .filter(Boolean)
    .join("\n");
}
