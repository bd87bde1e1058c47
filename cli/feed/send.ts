/** Puts events on the stream in batches, with retries, a rate limit and counts. */
import { setTimeout as sleep } from "node:timers/promises";
import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { CommandProblem, messageOf } from "../shared/problem";
import { inBatches, recordBytes } from "./batches";
import type { OutgoingEvent } from "./event";
import { largestRecordBytes } from "./rows";

const mostAttempts = 10;
const callsAtOnce = 4;

export interface Rejected {
  row: number;
  reason: string;
  data: string;
}

export interface SendOptions {
  client: Pick<KinesisClient, "send">;
  stream: string;
  /** Events per second; unlimited by default. */
  rate?: number | undefined;
  /** Called for each event that cannot be sent. */
  onRejected: (rejected: Rejected) => void;
  onProgress?: (sent: number) => void;
  /** The delay before the first retry; tests shorten it. */
  pauseMilliseconds?: number;
}

export interface Sent {
  sent: number;
  rejected: number;
  bytes: number;
  calls: number;
  retried: number;
  seconds: number;
}

/** Sends every event that fits into a Kinesis record; resolves when all of them are acknowledged. */
export async function send(
  events: AsyncIterable<OutgoingEvent> | Iterable<OutgoingEvent>,
  options: SendOptions,
): Promise<Sent> {
  const started = Date.now();
  const totals: Sent = { sent: 0, rejected: 0, bytes: 0, calls: 0, retried: 0, seconds: 0 };
  const running = new Set<Promise<void>>();
  let failure: unknown;

  for await (const batch of inBatches(sendable(events, options, totals), limitsFor(options.rate))) {
    if (failure !== undefined) break;
    await untilDue(totals.sent + pending(running, batch), started, options.rate);
    if (running.size >= callsAtOnce) await Promise.race(running);
    const call: Promise<void> = put(batch, options, totals)
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => running.delete(call));
    running.add(call);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure;
  return { ...totals, seconds: (Date.now() - started) / 1000 };
}

/** Skips and reports events above the size limit. */
async function* sendable(
  events: AsyncIterable<OutgoingEvent> | Iterable<OutgoingEvent>,
  options: SendOptions,
  totals: Sent,
): AsyncGenerator<OutgoingEvent> {
  for await (const event of events) {
    const size = recordBytes(event);
    if (size <= largestRecordBytes) {
      yield event;
      continue;
    }
    totals.rejected += 1;
    const reason = `${size} bytes: a Kinesis record holds at most ${largestRecordBytes}`;
    options.onRejected({ row: event.row, reason, data: event.data.toString() });
  }
}

/** At a low rate, smaller batches, about four per second, keep the flow even. */
function limitsFor(rate: number | undefined): { records: number; bytes: number } | undefined {
  if (rate === undefined) return undefined;
  return { records: Math.max(1, Math.min(500, Math.floor(rate / 4))), bytes: 5 * 1024 * 1024 };
}

const pending = (running: ReadonlySet<unknown>, batch: readonly unknown[]) => running.size * batch.length;

async function untilDue(sent: number, started: number, rate: number | undefined): Promise<void> {
  if (rate === undefined) return;
  const due = started + (sent / rate) * 1000;
  if (due > Date.now()) await sleep(due - Date.now());
}

async function put(batch: readonly OutgoingEvent[], options: SendOptions, totals: Sent): Promise<void> {
  let waiting = batch;
  for (let attempt = 1; ; attempt += 1) {
    const left = await putOnce(waiting, options, totals);
    if (left.events.length === 0) return;
    if (attempt === mostAttempts) {
      throw new CommandProblem(
        `Kinesis stream ${options.stream} did not accept ${left.events.length} events in ${mostAttempts} attempts: ${left.reason}`,
        "Send the file again with a lower --rate, or add shards to the stream. Events that arrive twice are deduplicated by their ID.",
      );
    }
    totals.retried += left.events.length;
    waiting = left.events;
    const pause = (options.pauseMilliseconds ?? 100) * 2 ** Math.min(attempt - 1, 6);
    // Jitter, so that parallel calls that were rejected together do not retry together.
    await sleep(pause * (0.5 + Math.random() / 2));
  }
}

async function putOnce(
  events: readonly OutgoingEvent[],
  options: SendOptions,
  totals: Sent,
): Promise<{ events: OutgoingEvent[]; reason: string }> {
  const Records = events.map(({ data, partitionKey }) => ({
    Data: typeof data === "string" ? Buffer.from(data) : data,
    PartitionKey: partitionKey,
  }));
  totals.calls += 1;
  const { Records: results = [] } = await options.client
    .send(new PutRecordsCommand({ StreamName: options.stream, Records }))
    .catch((error: unknown) => {
      throw new CommandProblem(
        `Kinesis stream ${options.stream}: ${messageOf(error)}`,
        "Check that the stack is deployed and that you may call kinesis:PutRecords on this stream.",
      );
    });
  const left = events.filter((_, position) => results[position]?.SequenceNumber === undefined);
  const taken = events.length - left.length;
  totals.sent += taken;
  totals.bytes +=
    events.reduce((sum, event) => sum + event.bytes, 0) - left.reduce((sum, event) => sum + event.bytes, 0);
  if (taken > 0) options.onProgress?.(totals.sent);
  const failed = results.find(({ ErrorCode }) => ErrorCode !== undefined);
  return { events: left, reason: `${failed?.ErrorCode ?? "no answer"} ${failed?.ErrorMessage ?? ""}`.trim() };
}
