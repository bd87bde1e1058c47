/** Determines when sent events are in the lake: Firehose buffers them, and a run reads only what is in the lake. */
import { join } from "node:path";
import { DescribeDeliveryStreamCommand } from "@aws-sdk/client-firehose";
import { localStatus } from "@daybreak/local";
import { z } from "zod";
import { type Place, pipelineNames } from "../../infra/names";
import { clients } from "../shared/clients";
import { readJsonFile, writeJsonFile } from "../shared/json-file";
import { count } from "../shared/output";
import { pipelineHome } from "../shared/paths";
import { nameOf } from "../shared/problem";
import { addressedCloud } from "../shared/session";

/** Events that were sent and may not be in the lake yet. */
export interface OnTheWay {
  events: number;
  /** When all of them are in the lake at the latest. */
  by: Date;
}

/** What `feed` records about the events that it sent. */
const sentNote = z.object({ events: z.number(), by: z.coerce.date() });

/** The part of the local cloud's status with the buffered records of each delivery stream. */
const status = z.object({ firehose: z.object({ pending: z.record(z.string(), z.number()) }) });

/** The longest buffering interval that Firehose has. */
const longestBuffer = 900;

const noteFile = (pipeline: string, { environment, accountId, region }: Place) =>
  join(pipelineHome(pipeline), `sent-${environment}-${accountId}-${region}.json`);

/** Firehose's buffering interval, in seconds. */
export async function bufferSeconds(place: Place, pipeline: string): Promise<number> {
  const DeliveryStreamName = pipelineNames(place, pipeline).deliveryStream;
  try {
    const { DeliveryStreamDescription: stream } = await clients
      .firehose()
      .send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
    const [destination] = stream?.Destinations ?? [];
    return destination?.ExtendedS3DestinationDescription?.BufferingHints?.IntervalInSeconds ?? longestBuffer;
  } catch (error) {
    // Permission to send events does not imply permission to describe the delivery stream.
    if (nameOf(error).startsWith("AccessDenied")) return longestBuffer;
    throw error;
  }
}

/** Records what was sent, so that a run that starts before it is in the lake can warn about it. */
export function noteSent(place: Place, pipeline: string, sent: OnTheWay, now = Date.now()): void {
  const file = noteFile(pipeline, place);
  const before = readNote(file, now);
  writeJsonFile(file, { events: sent.events + (before?.events ?? 0), by: sent.by });
}

/**
 * The events that a run started now may miss. A local cloud knows its buffers exactly. AWS does not tell what Firehose holds, and
 * the metrics lag by minutes; there, this is what `feed` sent from this machine within the buffering interval.
 */
export async function onTheWay(
  place: Place,
  pipeline: string,
  now = Date.now(),
  readStatus: () => Promise<unknown> = statusOfLocalCloud,
): Promise<OnTheWay | undefined> {
  const local = status.safeParse(await readStatus());
  if (!local.success) return readNote(noteFile(pipeline, place), now);
  const pending = local.data.firehose.pending[pipelineNames(place, pipeline).deliveryStream] ?? 0;
  if (pending === 0) return undefined;
  return { events: pending, by: new Date(now + (await bufferSeconds(place, pipeline)) * 1000) };
}

/** The message about events on the way. */
export function describeOnTheWay({ events, by }: OnTheWay): string {
  const time = by.toISOString().slice(11, 19);
  const subject = events === 1 ? "1 event is" : `${count(events)} events are`;
  return `${subject} still on the way to the lake: Firehose writes its buffer by ${time} UTC. This run may miss them; the next one reads them.`;
}

/** The status of the local cloud that this command talks to; undefined if it talks to AWS. */
async function statusOfLocalCloud(): Promise<unknown> {
  const cloud = addressedCloud();
  return cloud === undefined ? undefined : localStatus(cloud);
}

function readNote(file: string, now: number): OnTheWay | undefined {
  const note = readJsonFile(file, sentNote);
  return note !== undefined && note.by.getTime() > now ? note : undefined;
}
