/** The figures that the project aims at, measured on this machine. Nothing here fails for being slow. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud, freePort, useLocalCloud } from "@daybreak/local";
import { runDemo } from "../cli/demo/demo";
import { Replay } from "../cli/demo/replay";
import { send } from "../cli/feed/send";
import { clients } from "../cli/shared/clients";
import { deployStack } from "../cli/shared/deployment";
import { repositoryRoot } from "../cli/shared/paths";
import type { Summary } from "../contracts/summary";
import { loadPipeline } from "../spec/load";
import { ordinaryDayRuns } from "./features-run";

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The aim, as text; empty where there is none. */
  aim: string;
}

const pipelinesFolder = join(repositoryRoot, "pipelines");
const pipeline = "cdnow";
const gigabyte = 1024 ** 3;

const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** A stack deployed twice, the runs of ordinary days, and a year of events sent at once. */
export async function measureDeployment(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "daybreak-bench-"));
  const cloud = await Cloud.start({ port: await freePort(), home: join(home, "cloud"), keep: false });
  try {
    useLocalCloud(cloud.endpoint);
    const deploy = async () => {
      const start = performance.now();
      const { outputs } = await deployStack({
        endpoint: cloud.endpoint,
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
    const replay = await Replay.of(spec, undefined);
    const outputs = first.outputs.pipelines[pipeline];
    if (outputs === undefined) throw new Error(`the stack has no outputs for the pipeline ${pipeline}`);
    const days = await ordinaryDayRuns(cloud.endpoint, outputs, replay, replay.plan(spec).trainAt);
    const sent = await send(replay.before(replay.plan(spec).lastDay), {
      client: clients.kinesis(),
      stream: outputs.streamName,
      onRejected: () => undefined,
    });
    return [
      { name: "deploy from nothing", value: first.seconds, unit: "s", aim: "≤ 15" },
      { name: "deploy again, nothing changed", value: again.seconds, unit: "s", aim: "" },
      { name: "a day's features run", value: median(days.map(({ seconds }) => seconds)), unit: "s", aim: "≤ 5" },
      { name: "feed", value: sent.sent / sent.seconds, unit: "events/s", aim: "" },
    ];
  } finally {
    await cloud.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The CDNOW demo, whole. */
export async function measureDemo(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "daybreak-bench-"));
  try {
    const { summary } = await runDemo({
      spec: loadPipeline(join(pipelinesFolder, pipeline)),
      pipelinesFolder,
      data: undefined,
      port: await freePort(),
      keep: false,
      home,
    });
    const { lost, doubled, sent } = summary.events;
    return [
      { name: "CDNOW demo", value: summary.seconds, unit: "s", aim: "≤ 240" },
      { name: "its peak memory", value: summary.peak_memory_bytes / gigabyte, unit: "GB", aim: "≤ 8" },
      { name: "a warm Glue step's own overhead", value: glueOverhead(summary), unit: "s", aim: "≤ 1" },
      { name: "events sent", value: sent, unit: "", aim: "" },
      { name: "events lost or doubled", value: lost + doubled, unit: "", aim: "0" },
      { name: "prediction through the Lambda, p50", value: summary.requests.p50_milliseconds, unit: "ms", aim: "" },
      { name: "requests failed", value: summary.requests.failed, unit: "", aim: "0" },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The median of what a Glue state takes beyond its script, in the runs after the first: the session is warm then. */
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
