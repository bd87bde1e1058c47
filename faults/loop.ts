/** The loop's steps, each started as a user or a schedule starts it, and repeated as they would if it fails. */
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteEndpointCommand } from "@aws-sdk/client-sagemaker";
import { type HistoryEvent, paginateGetExecutionHistory } from "@aws-sdk/client-sfn";
import { flush } from "@daybreak/local";
import { answerIn } from "../cli/demo/monitor";
import { type Answer, Traffic } from "../cli/demo/traffic";
import { clients } from "../cli/shared/clients";
import { followExecution, startExecution } from "../cli/shared/executions";
import { LandedCounter } from "../cli/shared/lake";
import { listVersions } from "../cli/shared/registry";
import { driftReport } from "../contracts/drift-report";
import type { RunInput } from "../contracts/run-execution";
import { readableCause } from "../lambdas/shared/cause";
import type { Pass } from "./pass";
import { days } from "./shop";

/** The names of the steps, in their order. */
export const stepNames = [
  "start",
  "ingest 1",
  "features 1",
  "ingest 2",
  "features 2",
  "ingest 3",
  "train 1",
  "serve 1",
  "scores 1",
  "requests 1",
  "monitor 1",
  "ingest 4",
  "features 3",
  "requests 2",
  "monitor 2",
  "ingest 5",
  "features 4",
  "ingest 6",
  "train 2",
  "serve 2",
  "requests 3",
] as const;
export type StepName = (typeof stepNames)[number];

/** What happened during a step. */
export interface Course {
  /** Each failure, as the user sees it. */
  saw: string[];
  /** What repeated the work: the stack itself, or a person's command. */
  retriedBy: string[];
}

const landingTimeoutMilliseconds = 60_000;
const answerTimeoutMilliseconds = 90_000;
const recoveryTimeoutMilliseconds = 90_000;
const pollMilliseconds = 300;

type Work = (pass: Pass) => Promise<Course>;

/** Each step's work. It throws when the loop cannot go on. */
export const steps: Readonly<Record<StepName, Work>> = {
  start,
  "ingest 1": ingest(0),
  "features 1": run("features", days.first),
  "ingest 2": ingest(1),
  "features 2": run("features", days.second),
  "ingest 3": ingest(2),
  "train 1": run("train", days.train),
  "serve 1": serve(1),
  "scores 1": run("features", days.train),
  "requests 1": requests(days.train),
  "monitor 1": monitor(days.train),
  "ingest 4": ingest(3),
  "features 3": run("features", days.drift),
  "requests 2": requests(days.drift),
  "monitor 2": monitor(days.drift),
  "ingest 5": ingest(4),
  "features 4": run("features", days.later),
  "ingest 6": ingest(5),
  // A scheduled run: it trains because the retraining that the drift asked for is due.
  "train 2": run("features", days.retrain, "train"),
  "serve 2": serve(2),
  "requests 3": requests(days.retrain),
};

/** Makes sure that the cloud runs: a person starts a killed one again. */
async function start(pass: Pass): Promise<Course> {
  await sleep(pollMilliseconds);
  if (!pass.cloud.isKilled) return { saw: [], retriedBy: [] };
  const { said } = await pass.command("models");
  await pass.cloud.startAgain();
  return { saw: [said], retriedBy: ["a person: npx daybreak up, which deploys everything again"] };
}

/** Feeds the events of some days. If the feed ends early, a person feeds the file again. */
function ingest(index: number): Work {
  return async (pass) => {
    const course: Course = { saw: [], retriedBy: [] };
    const file = pass.shop.files[index] ?? "";
    const fed = await pass.command("feed", file);
    if (!fed.ok) {
      course.saw.push(fed.said);
      course.retriedBy.push(`a person: ${(await succeed(pass, "feed", file)).command}`);
    }
    pass.sent.push(...(pass.shop.ids[index] ?? []));
    await landed(pass);
    return course;
  };
}

/** Waits until all events have landed in the lake, and nothing more arrives. */
export async function landed(pass: Pass): Promise<void> {
  const counter = new LandedCounter(pass.outputs.datasets.raw_events.uri);
  const until = Date.now() + landingTimeoutMilliseconds;
  for (let before = -1; ; await sleep(pollMilliseconds)) {
    await flush(pass.cloud.address);
    const now = await counter.count();
    if (now === before && now >= pass.sent.length) return;
    if (Date.now() > until) throw new Error(`only ${now} of ${pass.sent.length} events landed in the lake`);
    before = now;
  }
}

/** Starts a run as the schedule does. `repeatedAs`: how a person starts it again, if the run itself decides to train. */
function run(mode: RunInput["mode"], asOf: string, repeatedAs = mode): Work {
  return async (pass) => {
    const input: RunInput = { mode, asOf, trigger: { type: "schedule", actor: "faults" } };
    const arn = await startExecution(pass.outputs.runStateMachineArn, `${mode}-${asOf}`, input);
    return followRun(pass, arn, repeatedAs, asOf);
  };
}

/** Follows a run to its end. If it fails, a person runs the day again. */
async function followRun(pass: Pass, arn: string, mode: RunInput["mode"], asOf: string): Promise<Course> {
  const execution = await followExecution(arn);
  const course = await courseOf(arn);
  if (execution.status === "SUCCEEDED") {
    if (course.saw.length > 0) course.retriedBy.push("the workflow");
    return course;
  }
  const again = await succeed(pass, "run", "--as-of", asOf, "--mode", mode);
  course.retriedBy.push(`a person: ${again.command}`);
  return course;
}

/** A person's command, which must succeed for the loop to go on. */
async function succeed(pass: Pass, verb: string, ...args: string[]) {
  const ran = await pass.command(verb, ...args);
  if (!ran.ok) throw new Error(`${ran.command} failed: ${ran.said}`);
  return ran;
}

/** The failures of an execution. */
async function courseOf(executionArn: string): Promise<Course> {
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory(
    { client: clients.stepFunctions() },
    { executionArn, includeExecutionData: true },
  )) {
    events.push(...(page.events ?? []));
  }
  const course: Course = { saw: [], retriedBy: [] };
  let state = "";
  for (const event of events) {
    state = event.stateEnteredEventDetails?.name ?? state;
    const failed = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails;
    if (failed === undefined) continue;
    course.saw.push(`${state}: ${failed.error} ${readableCause(failed.cause)}`);
  }
  return course;
}

/** Approves a version as a reviewer does. If its deployment fails, the reviewer deploys it again. */
function serve(version: number): Work {
  return async (pass) => {
    const approved = await pass.command("approve", String(version), "--reason", "good");
    if (approved.ok) return { saw: [], retriedBy: [] };
    const again = await succeed(pass, "deploy", String(version), "--reason", "again");
    return { saw: [approved.said], retriedBy: [`a person: ${again.command}`] };
  };
}

/** Requests predictions for every customer with features as of the day, until each has one. */
function requests(asOf: string): Work {
  return async (pass) => {
    const traffic = new Traffic(clients.lambda(), pass.outputs.predictFunctionName);
    pass.traffic = traffic;
    const until = Date.now() + recoveryTimeoutMilliseconds;
    let waiting = await populationOf(pass, asOf);
    for (;;) {
      const answers = await traffic.askAll(waiting);
      waiting = waiting.filter((_, position) => answers[position]?.ok === false);
      if (waiting.length === 0) break;
      if (Date.now() > until) throw new Error(`no prediction for ${waiting.length} customers: ${failureOf(answers)}`);
      await sleep(pollMilliseconds);
    }
    const { failed, errors } = traffic.total;
    const saw = Object.entries(errors).map(([error, times]) => `${times} requests failed: ${error}`);
    return { saw, retriedBy: failed > 0 ? ["the client, which sent them again"] : [] };
  };
}

const failureOf = (answers: readonly Answer[]) => answers.flatMap((one) => (one.ok ? [] : [one.error]))[0] ?? "";

/** The customers with features as of a day. */
async function populationOf({ spec, outputs, tables }: Pass, asOf: string): Promise<string[]> {
  const columns = Object.keys(spec.features.columns);
  const rows = await tables.rows(outputs.datasets.features.table, [
    ...[spec.entity, "event_time", "is_deleted"],
    ...columns,
  ]);
  const current = rows.filter(([, time, isDeleted]) => String(time).startsWith(asOf) && isDeleted !== true);
  return [...new Set(current.map(([entity]) => String(entity)))].sort();
}

/** Checks the rows of a scored day for drift. The next scheduled check repeats one that fails. */
function monitor(asOf: string): Work {
  return async (pass) => {
    const course: Course = { saw: [], retriedBy: [] };
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const arn = await startExecution(pass.outputs.monitorStateMachineArn, `check-${asOf}-${attempt}`, { asOf });
      const execution = await followExecution(arn);
      const { saw } = await courseOf(arn);
      course.saw.push(...saw);
      if (execution.status === "SUCCEEDED") {
        if (saw.length > 0) course.retriedBy.push("the workflow");
        const { status, version, reason } = driftReport.parse(execution.output);
        pass.checks.push(`as of ${asOf}: ${status}, v${version}`);
        if (status === "skipped") throw new Error(`the drift check as of ${asOf} was skipped: ${reason}`);
        if (status === "drift") pass.checks.push(await consequence(pass));
        return course;
      }
      course.retriedBy.push("the next scheduled check");
    }
    throw new Error(`the drift check as of ${asOf} failed twice: ${course.saw.at(-1)}`);
  };
}

/** Waits for what follows from a drift alarm: the alert that says when the run at dawn will train. */
async function consequence(pass: Pass): Promise<string> {
  const until = Date.now() + answerTimeoutMilliseconds;
  for (;;) {
    const messages = (await pass.cloud.inbox.messages()).filter(({ pipeline }) => pipeline === pass.pipeline);
    const { outcome, reason } = answerIn(messages, "drift")?.consequence ?? {};
    if (outcome !== undefined) return `${outcome}: ${reason}`;
    if (Date.now() > until) throw new Error("the drift alarm had no consequence");
    await sleep(pollMilliseconds);
  }
}

/** Ends what a finished pass leaves running. */
export async function removeEndpoint({ outputs, names }: Pass): Promise<void> {
  const versions = await listVersions(names);
  if (!versions.some(({ isServing }) => isServing)) return;
  await clients.sagemaker().send(new DeleteEndpointCommand({ EndpointName: outputs.endpointName }));
}
