import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { bufferSeconds, describeOnTheWay, noteSent, onTheWay } from "../../../cli/feed/delivery";
import { clients } from "../../../cli/shared/clients";
import { pipelineHome } from "../../../cli/shared/paths";
import { pipelineNames } from "../../../infra/names";

const pipeline = "unit-test-delivery";
const place = { environment: "dev", region: "eu-central-1", accountId: "123456789012" };
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 12, 0, second));

const send = jest.fn<() => Promise<unknown>>();

beforeEach(() => {
  const firehose = clients.firehose();
  firehose.send = send as unknown as typeof firehose.send;
  jest.spyOn(clients, "firehose").mockReturnValue(firehose);
  send.mockResolvedValue({
    DeliveryStreamDescription: {
      Destinations: [
        { ExtendedS3DestinationDescription: { BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 64 } } },
      ],
    },
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(pipelineHome(pipeline), { recursive: true, force: true });
});

const onAws = async () => undefined;

test("bufferSeconds is Firehose's buffering interval, or the longest possible one if reading it is denied", async () => {
  expect(await bufferSeconds(place, pipeline)).toBe(300);
  send.mockRejectedValue(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
  expect(await bufferSeconds(place, pipeline)).toBe(900);
  send.mockRejectedValue(Object.assign(new Error("gone"), { name: "ResourceNotFoundException" }));
  await expect(bufferSeconds(place, pipeline)).rejects.toThrow("gone");
});

test("on AWS, events that feed sent are on the way until the buffering interval has passed, in that environment only", async () => {
  expect(await onTheWay(place, pipeline, at(0).getTime(), onAws)).toBeUndefined();
  noteSent(place, pipeline, { events: 70, by: at(30) }, at(0).getTime());
  noteSent(place, pipeline, { events: 5, by: at(40) }, at(10).getTime());
  expect(await onTheWay(place, pipeline, at(39).getTime(), onAws)).toEqual({ events: 75, by: at(40) });
  expect(await onTheWay(place, pipeline, at(40).getTime(), onAws)).toBeUndefined();
  expect(await onTheWay({ ...place, environment: "prod" }, pipeline, at(39).getTime(), onAws)).toBeUndefined();
});

test("a local cloud reports what its buffers hold of this pipeline", async () => {
  noteSent(place, pipeline, { events: 70, by: at(30) }, at(0).getTime());
  const stream = pipelineNames(place, pipeline).deliveryStream;
  const pending = (records: Record<string, number>) => async () => ({ firehose: { pending: records } });
  expect(await onTheWay(place, pipeline, at(0).getTime(), pending({ other: 9 }))).toBeUndefined();
  expect(await onTheWay(place, pipeline, at(0).getTime(), pending({ other: 9, [stream]: 3 }))).toEqual({
    events: 3,
    by: at(300),
  });
});

test("describeOnTheWay says how many events, until when, and what that means for the run", () => {
  expect(describeOnTheWay({ events: 1234, by: at(30) })).toBe(
    "1,234 events are still on the way to the lake: Firehose writes its buffer by 12:00:30 UTC. This run may miss them; the next one reads them.",
  );
});
