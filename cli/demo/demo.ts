/** Runs the whole loop on one machine: deploy, ingest, train, approve, serve, monitor, retrain, replace. */
import { join, resolve } from "node:path";
import type { Cloud, DeploymentSummary } from "@daybreak/local";
import type { StackOutputs } from "../../contracts/stack-outputs";
import type { Summary } from "../../contracts/summary";
import { ruleText } from "../../lambdas/shared/verdict";
import type { PipelineSpec } from "../../spec/pipeline";
import { type Launched, launchCloud, refuseTakenPort } from "../clouds/launch";
import { CloudRegistry, type LocalCloud } from "../clouds/registry";
import { clients } from "../shared/clients";
import { deployStack, postAlertsTo } from "../shared/deployment";
import { LandedCounter } from "../shared/lake";
import { count } from "../shared/output";
import { daybreakHome } from "../shared/paths";
import { address } from "../shared/session";
import { checkSql } from "../shared/sql";
import { AlertInbox } from "./alerts";
import type { Demo } from "./context";
import { summarize } from "./finish";
import { ingestUntil, rejectsFile } from "./ingest";
import { MemoryWatch } from "./memory";
import { monitor } from "./monitor";
import { populationOf } from "./population";
import { StageProgress } from "./progress";
import { publishReport } from "./publish";
import { Records } from "./records";
import { Replay } from "./replay";
import { followTraining, type PipelineRun, runFeatures, runTraining } from "./run";
import { approveAndServe } from "./serve";
import { dayOf, nextLiveDay } from "./timeline";
import { Traffic } from "./traffic";

/** The requests per second of a small shop's site. */
const dayRate = 10;
/** The rate at night, while the next day's features are computed. Afterwards some of the day's entities are refused: they have none. */
const nightRate = 1;
/** The number of drift checks after the second version serves or was refused. */
const checksAfterRetraining = 2;
/** The demo ends after this many drift checks. */
const mostChecks = 14;

export interface DemoOptions {
  spec: PipelineSpec;
  pipelinesFolder: string;
  /** The option --pipelines if it was given, for the commands in messages. */
  pipelines?: string | undefined;
  data: string | undefined;
  port: number;
  keep: boolean;
  /** The number of drift checks. By default, enough of them to show a drift and its end. */
  checks?: number;
  silent?: boolean;
  /** Where the report and the cloud's files go, in place of `.daybreak/`. */
  home?: string;
  /** What to do with the cloud after the demo, before it ends. */
  afterwards?: (cloud: LocalCloud) => Promise<void>;
}

export interface DemoResult {
  summary: Summary;
  reportFile: string;
  summaryFile: string;
  endpoint: string;
}

/** Runs a demo to its end, and leaves nothing running unless asked to. The last report stays until this one is complete. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { spec, port, home = daybreakHome } = options;
  const registry = new CloudRegistry(join(home, "clouds"));
  const progress = new StageProgress(options.silent);
  progress.heading(`Daybreak · ${spec.name}: ${spec.description}`);
  await refuseTakenPort(registry, port);
  // Everything given is checked before anything is started or removed.
  const replay = await readInputs(options, progress);
  return registry.hold(port, "demo", async () => {
    const memory = new MemoryWatch();
    const { cloud, entry } = await startCloud(options, registry, progress);
    let left = false;
    let traffic: Traffic | undefined;
    try {
      address(entry);
      const folder = registry.folderOf(port);
      const timeline = replay.plan(spec, options.checks);
      const { outputs, summary: deployment } = await deploy(options, folder, cloud, progress);
      const pipeline = outputs.pipelines[spec.name];
      if (pipeline === undefined) throw new Error(`the stack has no outputs for the pipeline ${spec.name}`);
      traffic = new Traffic(clients.lambda(), pipeline.predictFunctionName);
      const demo: Demo = {
        ...{ spec, pipeline, replay, timeline, traffic, progress, folder },
        cloud,
        landed: new LandedCounter(pipeline.datasets.raw_events.uri),
        inbox: await AlertInbox.subscribe(outputs.alertTopicArn, `daybreak-demo-${spec.name}`),
        records: new Records(),
      };
      const failure = await carry(demo);
      await traffic.stop();
      const peakMemoryBytes = memory.stop();
      const summary = await progress.aside("Account for every event", () =>
        summarize(demo, { deployment, peakMemoryBytes, failure }),
      );
      // The report of a failed demo does not replace that of a completed one.
      const name = summary.outcome === "failed" ? "failed-report" : "report";
      const files = publishReport(summary, join(home, spec.name, name), join(folder, rejectsFile));
      await options.afterwards?.(entry);
      if (options.keep) {
        cloud.release();
        left = true;
      }
      return { summary, ...files, endpoint: cloud.endpoint };
    } finally {
      memory.stop();
      await traffic?.stop();
      if (!left) await cloud.stop();
    }
  });
}

/** Reads the data and checks the user's input. The SQL of the examples is not checked: the repository's tests cover it. */
async function readInputs({ spec, pipelines, data, checks }: DemoOptions, progress: StageProgress): Promise<Replay> {
  const replay = await progress.stage({ title: "Read the data", kind: "setup" }, async (stage) => {
    const read = await Replay.of(spec, data, { words: ["demo", "--pipeline", spec.name], pipelines });
    read.plan(spec, checks);
    stage.detail(`${count(read.size)} events`);
    return read;
  });
  sayOutside(replay, progress);
  if (data !== undefined) {
    await progress.stage({ title: "Check the pipeline's SQL", kind: "setup" }, () => checkSql(spec));
  }
  return replay;
}

async function startCloud(
  { spec, pipelinesFolder, port, keep }: DemoOptions,
  registry: CloudRegistry,
  progress: StageProgress,
): Promise<Launched> {
  return progress.stage({ title: "Start the local cloud", kind: "setup" }, async (stage) => {
    const launched = await launchCloud(registry, {
      ...{ port, keep, command: "demo", pipelines: [spec.name], pipelinesFolder: resolve(pipelinesFolder) },
    });
    stage.detail(`${launched.cloud.endpoint}, IAM enforced`);
    return launched;
  });
}

function sayOutside({ range }: Replay, progress: StageProgress): void {
  if (range.outside === 0) return;
  const [firstDay, lastDay] = [dayOf(range.first), dayOf(range.last)];
  progress.note(
    `The demo runs from ${firstDay} to ${lastDay}. ${count(range.outside)} events have times far outside that range; they are sent, too.`,
  );
}

async function deploy(
  options: DemoOptions,
  folder: string,
  cloud: Cloud,
  progress: StageProgress,
): Promise<{ outputs: StackOutputs; summary: DeploymentSummary }> {
  return progress.stage({ title: "Deploy the stack", kind: "setup" }, async (stage) => {
    const deployed = await deployStack({
      cloud,
      folder: join(folder, "deploy"),
      pipelines: [options.spec.name],
      pipelinesFolder: resolve(options.pipelinesFolder),
      onProgress: (text) => stage.waitFor(text),
    });
    await postAlertsTo(cloud, deployed.outputs);
    stage.detail(`${count(deployed.summary.created)} resources created`);
    return deployed;
  });
}

/** Takes the pipeline as far as its gate allows; returns the cause if a workflow fails. */
async function carry(demo: Demo): Promise<string | undefined> {
  demo.progress.heading("The first version");
  const first = await trainFirst(demo);
  if (first.enoughFrom !== undefined) return undefined;
  if (first.model === undefined) return first.summary.cause ?? "the training run failed";
  const { trainAt } = demo.timeline;
  if (first.modelPackageArn === undefined) {
    sayVerdict(demo, first);
    return undefined;
  }
  if (!(await approveAndServe(demo, first))) return demo.records.deployments.at(-1)?.cause ?? "the deployment failed";
  demo.traffic.setPopulation((await populationOf(demo, trainAt)).current);
  demo.traffic.start(dayRate);
  demo.progress.heading("Live traffic, drift, and the second version");
  return live(demo);
}

/** Trains the first model; if there is not enough history, once more on the day from which there is. */
async function trainFirst(demo: Demo): Promise<PipelineRun> {
  for (;;) {
    const { trainAt, lastDay } = demo.timeline;
    await ingestUntil(demo, trainAt);
    const run = await runTraining(demo, trainAt, "the first model");
    if (run.enoughFrom === undefined || run.enoughFrom > lastDay) return run;
    demo.timeline.trainAt = run.enoughFrom;
  }
}

/** Moves day by day through the data until the retrained version has served for a while; then ingests the rest. */
async function live(demo: Demo): Promise<string | undefined> {
  const failure = await liveDays(demo);
  if (failure !== undefined || !demo.replay.hasMore) return failure;
  demo.progress.heading("The rest of the data");
  await ingestUntil(demo, demo.timeline.lastDay);
  const { summary } = await runFeatures(demo, demo.timeline.lastDay);
  return summary.outcome === "failed" ? (summary.cause ?? "the features run failed") : undefined;
}

async function liveDays(demo: Demo): Promise<string | undefined> {
  let day = demo.timeline.trainAt;
  let justDeployed = true;
  let checksLeft = demo.timeline.liveDays?.length ?? mostChecks;
  for (let checks = 0; ; checks += 1) {
    const next = nextLiveDay(demo.timeline, day, checks, justDeployed);
    if (next === undefined || checksLeft === 0) return undefined;
    day = next;
    checksLeft -= 1;
    justDeployed = false;
    demo.traffic.setRate(nightRate);
    await ingestUntil(demo, day);
    const isTraining = demo.timeline.scheduledTrainings?.includes(day) === true;
    const dawn = isTraining
      ? await runTraining(demo, day, `the schedule's ${demo.spec.schedule.train} training`)
      : await runFeatures(demo, day);
    if (dawn.summary.outcome === "failed") return dawn.summary.cause ?? "the run at dawn failed";
    demo.traffic.setRate(dayRate);
    const { retraining, reason } = await monitor(demo, day);
    if (dawn.model !== undefined) {
      if (dawn.modelPackageArn === undefined) sayVerdict(demo, dawn);
      else await approveAndServe(demo, dawn);
    }
    if (retraining === undefined) continue;
    const second = await followTraining(demo, retraining.executionArn, {
      mode: "train",
      asOf: retraining.asOf,
      trigger: { type: retraining.cause, actor: retraining.alarmName, reason },
    });
    if (second.summary.outcome === "failed") return second.summary.cause ?? "the training run failed";
    if (second.model === undefined) continue;
    if (second.modelPackageArn === undefined) sayVerdict(demo, second);
    else justDeployed = await approveAndServe(demo, second);
    // An example's planned days continue to the end of its data; with other data, the demo ends after a few more checks.
    if (demo.timeline.liveDays === undefined) checksLeft = checksAfterRetraining;
  }
}

function sayVerdict(demo: Demo, { model }: PipelineRun): void {
  for (const rule of model?.verdict ?? []) {
    demo.progress.note(`${rule.passed ? "passed" : "REFUSED"}  ${ruleText(rule)}`);
    if (rule.reason !== undefined) demo.progress.note(`         ${rule.reason}`);
  }
  for (const warning of model?.warnings ?? []) demo.progress.note(`WARNING  ${warning}`);
}
