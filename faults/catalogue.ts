/** Every fault: the steps in which it can strike, and what it does. */
import { CopyObjectCommand } from "@aws-sdk/client-s3";
import { slackMessagesAt } from "@daybreak/local";
import { identityOf, type RunningProcess } from "../cli/clouds/processes";
import { clients } from "../cli/shared/clients";
import { executionNames } from "../cli/shared/executions";
import { listUris } from "../cli/shared/lake";
import { listVersions } from "../cli/shared/registry";
import { parseUri } from "../lambdas/shared/storage";
import { landed, type StepName } from "./loop";
import { lambdaWorkers, mastersOf, workersOf } from "./processes";
import type { Scene } from "./scene";
import { days } from "./shop";

export interface Fault {
  name: string;
  stage:
    | "cloud"
    | "ingest"
    | "transform"
    | "quality"
    | "features"
    | "score"
    | "train"
    | "registry"
    | "serve"
    | "monitor"
    | "alert";
  title: string;
  /** The steps in which it can strike. */
  steps: readonly StepName[];
  /** Carries out the fault; returns what was done, or undefined if its condition never occurred. */
  strike: (scene: Scene) => Promise<string | undefined>;
}

const featuresRuns = ["features 1", "features 2", "features 3", "features 4"] as const satisfies StepName[];
/** Runs that find data in the tables, so that a new commit is theirs. */
const laterRuns = ["features 2", "features 3", "features 4"] as const satisfies StepName[];
/** Runs during which a version is serving, which scores the day. */
const scoredRuns = ["scores 1", "features 3", "features 4"] as const satisfies StepName[];
const trainings = ["train 1", "train 2"] as const satisfies StepName[];
const servings = ["serve 1", "serve 2"] as const satisfies StepName[];

const dayOf: Partial<Record<StepName, string>> = {
  "features 1": days.first,
  "features 2": days.second,
  "features 3": days.drift,
  "features 4": days.later,
};
const fileOf: Partial<Record<StepName, number>> = { "ingest 1": 0, "ingest 4": 3, "ingest 5": 4 };

/** Kills the JVM as soon as a job runs. */
const duringJob = (job: string) => async (scene: Scene) => {
  await scene.jobRuns(job);
  return scene.killSpark("Spark JVM");
};

type Table = "staged" | "events" | "processed_files" | "features" | "scores";

/** Kills the JVM as soon as a job has committed to a table, before its next action, such as writing its report. */
const afterCommit = (job: string, dataset: Table) => async (scene: Scene) => {
  const { tables, outputs } = scene.pass;
  const { table } = outputs.datasets[dataset];
  const before = await tables.version(table);
  await scene.jobRuns(job);
  const committed = await scene.until(async () => ((await tables.version(table)) === before ? undefined : true));
  return committed && scene.killSpark("Spark JVM");
};

/** Waits for the first answers, then kills a process of the model server. */
const whileServing =
  (choose: (kind: "model server", tree: RunningProcess[]) => RunningProcess[]) => async (scene: Scene) => {
    await scene.until(() => ((scene.pass.traffic?.total.served ?? 0) > 5 ? true : undefined));
    return scene.kill("model server", (_, tree) => choose("model server", tree));
  };

/** The number of objects in a dataset's folder. */
const objects = async (scene: Scene, dataset: "run_reports" | "drift_reports" | "training_sets", suffix: string) =>
  (await listUris(scene.pass.outputs.datasets[dataset].uri)).filter((uri) => uri.endsWith(suffix)).length;

/** Kills a Lambda once a count that it increases has increased. */
const afterRise =
  (functionOf: (prefix: string) => string, count: (scene: Scene) => Promise<number>) => async (scene: Scene) => {
    const before = await count(scene);
    return scene.killAfterEffect(functionOf(scene.pass.names.prefix), async () => (await count(scene)) > before);
  };

const deployments = async (scene: Scene) =>
  [...(await executionNames(scene.pass.outputs.serveStateMachineArn))].filter((name) => /^v/.test(name)).length;

/** The copy of a raw file comes after it in the order of their names, as a later delivery of Firehose does. */
export const keyOfCopy = (key: string): string => `${key}-again`;

/** Stores a raw file again under another name, as Firehose does when it repeats a delivery. */
async function deliverAgain(scene: Scene, choose: (uris: string[]) => string | undefined): Promise<string | undefined> {
  const uri = choose((await listUris(scene.pass.outputs.datasets.raw_events.uri)).sort());
  if (uri === undefined) return undefined;
  const { bucket, key } = parseUri(uri);
  await clients.s3().send(
    new CopyObjectCommand({
      Bucket: bucket,
      CopySource: `${bucket}/${key}`,
      Key: keyOfCopy(key),
    }),
  );
  return `stored ${key.split("/").at(-1)} twice`;
}

/** All faults, in the order of the data flow. */
export const faults: readonly Fault[] = [
  {
    name: "cloud",
    stage: "cloud",
    title: "kill -9 of the whole local cloud, which is started again in the same folder",
    steps: ["start"],
    strike: async ({ pass, doomed }) => {
      doomed.push(...pass.cloud.kill());
      return "the local cloud";
    },
  },
  {
    name: "feed",
    stage: "ingest",
    title: "kill -9 of the feeding process in the middle of a file",
    steps: ["ingest 1"],
    strike: async (scene) => {
      await scene.recordsArrive();
      const pid = scene.pass.running?.pid;
      const feeder = pid === undefined ? undefined : identityOf(pid);
      return feeder === undefined ? undefined : scene.killProcess(feeder, "daybreak feed");
    },
  },
  {
    name: "kinesis-duplicates",
    stage: "ingest",
    title: "every record is put on the stream twice",
    steps: ["ingest 1", "ingest 4", "ingest 5"],
    strike: async (scene) => {
      await scene.afterwards();
      const file = scene.pass.shop.files[fileOf[scene.step] ?? 0] ?? "";
      const again = await scene.pass.command("feed", file);
      await landed(scene.pass);
      return again.ok ? "sent each record twice" : undefined;
    },
  },
  {
    name: "firehose-duplicates",
    stage: "ingest",
    title: "Firehose delivers a batch twice",
    steps: ["ingest 1", "ingest 4", "ingest 5"],
    strike: async (scene) => {
      await scene.afterwards();
      return deliverAgain(scene, (uris) => uris.at(-1));
    },
  },
  {
    name: "late-duplicates",
    stage: "ingest",
    title: "Firehose delivers a batch again after it was published",
    steps: ["ingest 2", "ingest 3", "ingest 4", "ingest 5"],
    strike: async (scene) => {
      await scene.afterwards();
      return deliverAgain(scene, (uris) => uris[0]);
    },
  },
  {
    name: "plan",
    stage: "transform",
    title: "kill -9 of the Lambda run-plan after it has written the plan",
    steps: ["features 1"],
    strike: afterRise(
      (prefix) => `${prefix}-run-plan`,
      (scene) => objects(scene, "run_reports", "/plan.json"),
    ),
  },
  {
    name: "transform-jvm",
    stage: "transform",
    title: "kill -9 of the Spark JVM while transform runs",
    steps: featuresRuns,
    strike: duringJob("transform"),
  },
  {
    name: "transform-python-worker",
    stage: "transform",
    title: "kill -9 of a Python worker that parses raw files",
    steps: featuresRuns,
    strike: async (scene) => {
      await scene.jobRuns("transform");
      return scene.kill("PySpark daemon", workersOf);
    },
  },
  {
    name: "transform-committed",
    stage: "transform",
    title: "kill -9 of the Spark JVM between the commit to staged and transform's report",
    steps: laterRuns,
    strike: afterCommit("transform", "staged"),
  },
  {
    name: "quality-jvm",
    stage: "quality",
    title: "kill -9 of the Spark JVM while quality runs",
    steps: featuresRuns,
    strike: duringJob("quality"),
  },
  {
    name: "quality-driver",
    stage: "quality",
    title: "kill -9 of the Spark driver's Python process while quality runs",
    steps: featuresRuns,
    strike: async (scene) => {
      await scene.jobRuns("quality");
      return scene.killSpark("Spark driver");
    },
  },
  {
    name: "quality-events-committed",
    stage: "quality",
    title: "kill -9 of the Spark JVM between the commits to events and to quarantine",
    steps: laterRuns,
    strike: afterCommit("quality", "events"),
  },
  {
    name: "quality-committed",
    stage: "quality",
    title: "kill -9 of the Spark JVM between the commit to processed_files and quality's report",
    steps: laterRuns,
    strike: afterCommit("quality", "processed_files"),
  },
  {
    name: "features-jvm",
    stage: "features",
    title: "kill -9 of the Spark JVM while features runs",
    steps: featuresRuns,
    strike: duringJob("features"),
  },
  {
    name: "features-committed",
    stage: "features",
    title: "kill -9 of the Spark JVM between the offline and the online store",
    steps: laterRuns,
    strike: afterCommit("features", "features"),
  },
  {
    name: "concurrent-run",
    stage: "transform",
    title: "a second run of the same pipeline and day while the first one runs",
    steps: featuresRuns,
    strike: async (scene) => {
      await scene.jobRuns("transform");
      const ran = await scene.pass.command("run", "--as-of", dayOf[scene.step] ?? "");
      if (!ran.ok) throw new Error(`${ran.command} failed: ${ran.said}`);
      return `started ${ran.command}`;
    },
  },
  {
    name: "scoring",
    stage: "score",
    title: "kill -9 of the scoring job's process",
    steps: scoredRuns,
    strike: (scene) => scene.kill("scoring process"),
  },
  {
    name: "score-committed",
    stage: "score",
    title: "kill -9 of the Spark JVM between the commit to scores and score's report",
    steps: ["features 3", "features 4"],
    strike: afterCommit("score", "scores"),
  },
  {
    name: "train-dataset-jvm",
    stage: "train",
    title: "kill -9 of the Spark JVM while train-dataset runs",
    steps: trainings,
    strike: duringJob("train-dataset"),
  },
  {
    name: "train-dataset-part",
    stage: "train",
    title: "kill -9 of the Spark JVM when a part of the training set is written",
    steps: trainings,
    strike: async (scene) => {
      const before = await objects(scene, "training_sets", ".parquet");
      await scene.jobRuns("train-dataset");
      const written = await scene.until(async () =>
        (await objects(scene, "training_sets", ".parquet")) > before ? true : undefined,
      );
      return written && scene.killSpark("Spark JVM");
    },
  },
  {
    name: "training",
    stage: "train",
    title: "kill -9 of the training job's process",
    steps: trainings,
    strike: (scene) => scene.kill("training process"),
  },
  {
    name: "evaluation",
    stage: "train",
    title: "kill -9 of the evaluation job's process",
    steps: trainings,
    strike: (scene) => scene.kill("evaluation process"),
  },
  {
    name: "register",
    stage: "registry",
    title: "kill -9 of the Lambda registry-register after it has registered the version",
    steps: ["train 1"],
    strike: afterRise(
      (prefix) => `${prefix}-registry-register`,
      async ({ pass }) => (await listVersions(pass.names)).length,
    ),
  },
  {
    name: "serve-start",
    stage: "serve",
    title: "kill -9 of the Lambda serve-start after it has started the deployment",
    steps: ["serve 1"],
    strike: afterRise((prefix) => `${prefix}-serve-start`, deployments),
  },
  {
    name: "server-master",
    stage: "serve",
    title: "kill -9 of the model server's master while requests are sent",
    steps: ["requests 1", "requests 2", "requests 3"],
    strike: whileServing(mastersOf),
  },
  {
    name: "server-worker",
    stage: "serve",
    title: "kill -9 of the model server's worker while requests are sent",
    steps: ["requests 1", "requests 2", "requests 3"],
    strike: whileServing(workersOf),
  },
  {
    name: "server-new-version",
    stage: "serve",
    title: "kill -9 of the new version's model server while traffic shifts to it",
    steps: ["serve 2"],
    strike: async (scene) => {
      const before = new Set(mastersOf("model server", scene.tree()).map(({ pid }) => pid));
      await scene.until(() => (workersOf("model server", scene.tree()).length > before.size ? true : undefined));
      return scene.kill("model server", (_, tree) =>
        mastersOf("model server", tree).filter(({ pid }) => !before.has(pid)),
      );
    },
  },
  {
    name: "predict",
    stage: "serve",
    title: "kill -9 of the Lambda serve-predict while requests are sent",
    steps: ["requests 1", "requests 2", "requests 3"],
    strike: async (scene) => {
      let killed = 0;
      await scene.until(() => {
        for (const worker of lambdaWorkers(scene.pass.outputs.predictFunctionName, scene.tree())) {
          if (scene.killProcess(worker, "") !== undefined) killed += 1;
        }
        return (scene.pass.traffic?.total.failed ?? 0) > 0 ? true : undefined;
      });
      return killed === 0 ? undefined : `${killed} processes of the Lambda ${scene.pass.outputs.predictFunctionName}`;
    },
  },
  {
    name: "drift-check",
    stage: "monitor",
    title: "kill -9 of the Lambda monitor-drift after it has written its report",
    steps: ["monitor 1"],
    strike: afterRise(
      (prefix) => `${prefix}-monitor-drift`,
      (scene) => objects(scene, "drift_reports", "/latest.json"),
    ),
  },
  {
    name: "retrain",
    stage: "monitor",
    title: "kill -9 of the Lambda monitor-retrain after it has noted the day on which the run at dawn trains",
    steps: ["monitor 2"],
    strike: afterRise(
      (prefix) => `${prefix}-monitor-retrain`,
      (scene) => objects(scene, "drift_reports", "/retraining.json"),
    ),
  },
  {
    name: "slack",
    stage: "alert",
    title: "kill -9 of the Lambda alert-slack after it has posted the message",
    steps: servings,
    strike: async (scene) => {
      const count = async () => (await slackMessagesAt(scene.pass.cloud.address)).length;
      const before = await count();
      return scene.killAfterEffect("daybreak-dev-alert-slack", async () => (await count()) > before);
    },
  },
];
