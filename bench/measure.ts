/** Measurements of the project's performance targets. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud, freePort, localStatus, useLocalCloud } from "@daybreak/local";
import { z } from "zod";
import { runDemo } from "../cli/demo/demo";
import { Replay } from "../cli/demo/replay";
import { send } from "../cli/feed/send";
import { clients } from "../cli/shared/clients";
import { deployStack } from "../cli/shared/deployment";
import { repositoryRoot } from "../cli/shared/paths";
import { environmentSettings, registerProgram } from "../cli/shared/program";
import type { Summary } from "../contracts/summary";
import { bundleHandler } from "../infra/bundle";
import { loadPipeline } from "../spec/load";
import { ordinaryDayRuns } from "./features-run";
import { measureUpdates } from "./updates";

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The target as text; empty if there is none. */
  aim: string;
}

const pipelinesFolder = join(repositoryRoot, "pipelines");
const pipeline = "cdnow";
const gigabyte = 1024 ** 3;

const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** Measures how long the program of `dev` takes to register everything, and the Lambda on the way of a prediction. */
export async function measureProgram(): Promise<Figure[]> {
  const start = performance.now();
  await registerProgram(environmentSettings("dev"));
  const registered = secondsSince(start);
  const home = mkdtempSync(join(tmpdir(), "daybreak-bench-"));
  try {
    const file = join(home, "index.js");
    const code = bundleHandler(repositoryRoot, "serve-predict");
    writeFileSync(file, code);
    const load = `const start = performance.now(); require(${JSON.stringify(file)}); console.log(performance.now() - start)`;
    const loads = Array.from({ length: 9 }, () => Number(execFileSync(process.execPath, ["-e", load])));
    return [
      { name: "the whole program is registered", value: registered, unit: "s", aim: "≤ 5" },
      { name: "Lambda serve-predict, size", value: Buffer.byteLength(code) / 1000, unit: "KB", aim: "≤ 100" },
      { name: "Lambda serve-predict, loading", value: median(loads), unit: "ms", aim: "≤ 20" },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Measures two deployments of the stack, daily features runs, and the feed's throughput. */
export async function measureDeployment(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "daybreak-bench-"));
  const cloud = await Cloud.start({ port: await freePort(), home: join(home, "cloud"), keep: false });
  try {
    useLocalCloud(cloud);
    const deploy = async () => {
      const start = performance.now();
      const { outputs } = await deployStack({
        cloud,
        folder: join(home, "deploy"),
        pipelines: [pipeline],
        pipelinesFolder,
        onProgress: () => undefined,
      });
      return { outputs, seconds: secondsSince(start) };
    };
    const first = await deploy();
    const again = await deploy();
    const spec = loadPipeline(join(pipelinesFolder, pipeline));
    const replay = await Replay.of(spec, undefined, { words: ["demo"] });
    const outputs = first.outputs.pipelines[pipeline];
    if (outputs === undefined) throw new Error(`The stack has no outputs for the pipeline ${pipeline}.`);
    const days = await ordinaryDayRuns(cloud, outputs, replay, replay.plan(spec).trainAt);
    const sent = await send(replay.before(replay.plan(spec).lastDay), {
      client: clients.kinesis(),
      stream: outputs.streamName,
      onRejected: () => undefined,
    });
    return [
      { name: "first deployment", value: first.seconds, unit: "s", aim: "≤ 6" },
      { name: "deployment without changes", value: again.seconds, unit: "s", aim: "≤ 1.5" },
      { name: "daily features run", value: median(days.map(({ seconds }) => seconds)), unit: "s", aim: "≤ 5" },
      { name: "feed", value: sent.sent / sent.seconds, unit: "events/s", aim: "" },
    ];
  } finally {
    await cloud.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Measures how long a changed file takes to be live in a running local cloud. */
export async function measureChanges(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "daybreak-bench-"));
  const cloud = await Cloud.start({ port: await freePort(), home: join(home, "cloud"), keep: false });
  try {
    useLocalCloud(cloud);
    const updates = await measureUpdates(cloud, home, pipeline);
    return updates.map(({ name, seconds }) => ({
      name: `${name} is live after`,
      value: seconds,
      unit: "s",
      aim: "≤ 3",
    }));
  } finally {
    await cloud.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** What the local cloud says of the checks of its requests. */
const judged = z.object({ judged: z.object({ requests: z.number(), seconds: z.number() }) });

/** Measures the complete CDNOW demo. */
export async function measureDemo(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "daybreak-bench-"));
  let effort = { requests: Number.NaN, seconds: Number.NaN };
  try {
    const { summary } = await runDemo({
      spec: loadPipeline(join(pipelinesFolder, pipeline)),
      pipelinesFolder,
      data: undefined,
      port: await freePort(),
      keep: false,
      home,
      afterwards: async (cloud) => {
        effort = judged.parse(await localStatus(cloud)).judged;
      },
    });
    const { lost, doubled, sent } = summary.events;
    return [
      { name: "CDNOW demo", value: summary.seconds, unit: "s", aim: "≤ 120" },
      { name: "CDNOW demo, peak memory", value: summary.peak_memory_bytes / gigabyte, unit: "GB", aim: "≤ 8" },
      { name: "requests judged by AWS's models", value: effort.requests, unit: "", aim: "" },
      // Of the processor time of one core; the demo waits for most requests.
      { name: "that costs the demo", value: (100 * effort.seconds) / summary.seconds, unit: "%", aim: "≤ 5" },
      { name: "Glue step overhead, warm session", value: glueOverhead(summary), unit: "s", aim: "≤ 1" },
      { name: "events sent", value: sent, unit: "", aim: "" },
      { name: "events lost or doubled", value: lost + doubled, unit: "", aim: "0" },
      {
        name: "prediction latency through the Lambda, p50",
        value: summary.requests.p50_milliseconds,
        unit: "ms",
        aim: "",
      },
      { name: "failed requests", value: summary.requests.failed, unit: "", aim: "0" },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Median of state duration minus script duration, without the first run, whose Spark session is cold. Seconds. */
function glueOverhead({ runs }: Summary): number {
  const overheads = runs.slice(1).flatMap(({ states, script_seconds }) =>
    states.flatMap(({ state, seconds }) => {
      const own = script_seconds[state];
      return own === undefined ? [] : [seconds - own];
    }),
  );
  return median(overheads);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
