import { basename, join } from "node:path";
import type { Command } from "commander";
import { pipelineNames } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import type { PipelineSpec } from "../../spec/pipeline";
import { checkFile } from "../feed/check";
import { bufferSeconds, noteSent } from "../feed/delivery";
import { eventMaker, fingerprintOf } from "../feed/event";
import { RejectsFile } from "../feed/rejects";
import { checkDataFile, readRows } from "../feed/rows";
import { isWithin, type TimeRange, timeRange } from "../feed/select";
import { type Sent, send } from "../feed/send";
import { clients } from "../shared/clients";
import { count, duration, printResult, say } from "../shared/output";
import { pipelineHome, shownPath, typedPath } from "../shared/paths";
import { connect } from "../shared/session";
import { parsePositive, pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

interface FeedOptions extends StackOptions {
  rate?: number;
  from?: string;
  to?: string;
}

interface FeedSummary extends Sent {
  file: string;
  stream: string;
  rows: number;
  outsideRange: number;
  rejectsFile: string | undefined;
  /** When everything that was sent is in the lake. */
  inLakeBy: Date;
}

const progressEveryMilliseconds = 2000;

export function addFeed(program: Command): void {
  withStackOptions(program.command("feed <pipeline> <file>"))
    .description("send the events of a file to a pipeline's stream: CSV, JSON lines or Parquet (text also as .gz)")
    .option("--rate <events>", "at most this many events per second", parsePositive("--rate"))
    .option("--from <time>", "only events at or after this time")
    .option("--to <time>", "only events before this time")
    .addHelpText(
      "after",
      `
The whole file is checked before anything is sent; a file without any publishable event is rejected. Every row becomes one event.
CSV cells are converted to the types of the pipeline's fields; a value that cannot be converted is sent unchanged, and the pipeline
quarantines its event with the reason. A row without an event ID gets one from the file's content and the row's number, so sending
a file twice duplicates no event. Rows too large for Kinesis are written to a file.

Examples:
  npx daybreak feed cdnow purchases.csv
  npx daybreak feed shop-churn events.jsonl.gz --rate 500 --from 2026-01-01 --to 2026-02-01`,
    )
    .action(async (pipeline: string, file: string, options: FeedOptions) => {
      const spec = readPipeline(pipelinesIn(options), pipeline);
      const path = typedPath(file);
      checkDataFile(path);
      const range = timeRange(options.from, options.to);
      const place = await connect(options, "writes");
      const { stream } = pipelineNames(place, pipeline);
      say(`Checking ${basename(path)}`);
      const rows = await checkFile(path, spec);
      const buffer = await bufferSeconds(place, pipeline);
      const sent = await feedFile({ spec, path, rows, stream, range, rate: options.rate });
      const inLakeBy = new Date(Date.now() + buffer * 1000);
      if (sent.sent > 0) noteSent(place, pipeline, { events: sent.sent, by: inLakeBy });
      printResult({ ...sent, inLakeBy }, options, (summary) => describe(summary, pipeline, buffer, options));
    });
}

async function feedFile(job: {
  spec: PipelineSpec;
  path: string;
  rows: number;
  stream: string;
  range: TimeRange;
  rate: number | undefined;
}): Promise<Omit<FeedSummary, "inLakeBy">> {
  const toEvent = eventMaker(job.spec, await fingerprintOf(job.path));
  const rejects = new RejectsFile(join(pipelineHome(job.spec.name), `rejects-${basename(job.path)}.jsonl`));
  let outsideRange = 0;
  async function* events() {
    for await (const row of readRows(job.path, Object.keys(job.spec.events.fields))) {
      const event = toEvent(row);
      if (isWithin(event, job.range)) yield event;
      else outsideRange += 1;
    }
  }
  let shownAt = Date.now();
  const started = Date.now();
  try {
    const sent = await send(events(), {
      client: clients.kinesis(),
      stream: job.stream,
      rate: job.rate,
      onRejected: (rejected) => rejects.add(rejected),
      onProgress: (soFar) => {
        if (Date.now() - shownAt < progressEveryMilliseconds) return;
        shownAt = Date.now();
        say(`  ${count(soFar)} of ${count(job.rows)} events sent after ${duration((shownAt - started) / 1000)}`);
      },
    });
    const rejectsFile = sent.rejected > 0 ? shownPath(rejects.path) : undefined;
    return { ...sent, file: job.path, stream: job.stream, rows: job.rows, outsideRange, rejectsFile };
  } finally {
    rejects.close();
  }
}

function describe(summary: FeedSummary, pipeline: string, buffer: number, options: FeedOptions): string {
  const rate = summary.seconds > 0 ? ` (${count(Math.round(summary.sent / summary.seconds))} per second)` : "";
  const lines = [
    `Sent ${count(summary.sent)} of ${count(summary.rows)} rows to ${summary.stream} in ${duration(summary.seconds)}${rate}.`,
  ];
  if (summary.outsideRange > 0) lines.push(`${count(summary.outsideRange)} rows are outside --from and --to.`);
  if (summary.retried > 0)
    lines.push(`${count(summary.retried)} records were sent again because the stream had throttled them.`);
  if (summary.rejectsFile !== undefined) {
    lines.push(
      `${count(summary.rejected)} rows could not be sent; they are in ${summary.rejectsFile} with the reason.`,
    );
  }
  if (summary.sent > 0) {
    lines.push(
      `Firehose writes them to the lake within ${duration(buffer)}, by ${summary.inLakeBy.toISOString().slice(11, 19)} UTC. Then: ${commandLine(["run", pipeline], options)}`,
    );
  }
  return lines.join("\n");
}
