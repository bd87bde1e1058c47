/** Sends the next days' events to the stream and waits until all of them have landed in the lake. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { flush } from "@daybreak/local";
import { RejectsFile } from "../feed/rejects";
import { send } from "../feed/send";
import { clients } from "../shared/clients";
import { count } from "../shared/output";
import { shownPath } from "../shared/paths";
import { CommandProblem } from "../shared/problem";
import { idOf } from "./accounting";
import type { Demo } from "./context";

const landingTimeoutMilliseconds = 120_000;
const pollMilliseconds = 300;
/** The file of the events that Kinesis cannot take. */
export const rejectsFile = "rejects.jsonl";

/** Sends the events before a day that have not been sent yet. */
export async function ingestUntil(demo: Demo, day: string): Promise<void> {
  const events = demo.replay.before(day);
  await demo.progress.stage({ title: `Ingest the events before ${day}`, kind: "ingest", asOf: day }, async (stage) => {
    const rejects = new RejectsFile(join(demo.folder, rejectsFile));
    const rejected = new Set<number>();
    try {
      const sent = await send(events, {
        client: clients.kinesis(),
        stream: demo.pipeline.streamName,
        onRejected: (one) => {
          rejects.add(one);
          rejected.add(one.row);
        },
        onProgress: (soFar) => stage.waitFor(`${count(soFar)} of ${count(events.length)} events sent`),
      });
      for (const { row, data } of events) {
        if (!rejected.has(row)) demo.records.sentIds.push(idOf(data.toString(), demo.spec.events.id));
      }
      demo.records.rejected += sent.rejected;
    } finally {
      rejects.close();
    }
    const landed = await waitUntilLanded(demo, (text) => stage.waitFor(text));
    stage.detail(
      `${count(events.length)} events; ${count(landed)} in the lake so far, in ${count(demo.landed.files)} ${demo.landed.files === 1 ? "file" : "files"}`,
    );
  });
}

async function waitUntilLanded(demo: Demo, waitFor: (text: string) => void): Promise<number> {
  const until = Date.now() + landingTimeoutMilliseconds;
  for (;;) {
    await flush(demo.cloud);
    const landed = await demo.landed.count();
    if (landed >= demo.records.sentIds.length) return landed;
    waitFor(`${count(landed)} of ${count(demo.records.sentIds.length)} events have landed in the lake`);
    if (Date.now() > until) {
      throw new CommandProblem(
        `Only ${count(landed)} of ${count(demo.records.sentIds.length)} events landed in the lake within ${landingTimeoutMilliseconds / 1000} s.`,
        `Records that could not be delivered are in ${demo.pipeline.datasets.raw_errors.uri}; the log is ${shownPath(join(demo.folder, "logs", "cloud.log"))}.`,
      );
    }
    await sleep(pollMilliseconds);
  }
}
