import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { inBatches, recordBytes } from "../../../cli/feed/batches";
import { convertText, eventMaker, fingerprintOf, type OutgoingEvent, timeOf } from "../../../cli/feed/event";
import { isoOfMicroseconds, largestRecordBytes, readRows } from "../../../cli/feed/rows";
import { isWithin, timeRange } from "../../../cli/feed/select";
import { type Rejected, send } from "../../../cli/feed/send";
import timeGrammar from "../../time-grammar.json";

const field = (type: "string" | "integer" | "double" | "boolean" | "timestamp") => ({
  type,
  required: true,
  description: "",
});
const spec = {
  entity: "customer_id",
  events: {
    id: "event_id",
    time: "event_time",
    allowed_lateness_days: 3,
    max_bytes: 65_536,
    fields: {
      event_id: field("string"),
      event_time: field("timestamp"),
      customer_id: field("string"),
      quantity: field("integer"),
      amount: field("double"),
      is_gift: field("boolean"),
    },
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "feed-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function eventsOf(name: string, content: string | Buffer): Promise<OutgoingEvent[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const toEvent = eventMaker(spec, await fingerprintOf(path));
  const events: OutgoingEvent[] = [];
  for await (const row of readRows(path)) events.push(toEvent(row));
  return events;
}

const jsonOf = (event: OutgoingEvent | undefined) => JSON.parse(event?.data.toString() ?? "");

describe("converting rows to events", () => {
  test("gives CSV values the types of the pipeline's fields", async () => {
    const [event] = await eventsOf(
      "a.csv",
      "event_id,customer_id,event_time,quantity,amount,is_gift\ne1,007,1997-01-02,3,9.50,TRUE\n",
    );
    expect(jsonOf(event)).toEqual({
      event_id: "e1",
      customer_id: "007",
      event_time: "1997-01-02",
      quantity: 3,
      amount: 9.5,
      is_gift: true,
    });
    expect(event).toMatchObject({ partitionKey: "007", entity: "007", time: Date.UTC(1997, 0, 2) });
  });

  test("sends a value that cannot be converted as text, so that the pipeline quarantines it", async () => {
    const [event] = await eventsOf("a.csv", "event_id,quantity,amount\ne1,three,\n");
    expect(jsonOf(event)).toEqual({ event_id: "e1", quantity: "three" });
  });

  test("keeps rows that are too short or too long", async () => {
    const events = await eventsOf("a.csv", "event_id,quantity\ne1\ne2,2,surplus\ne3,3\n");
    expect(events.map((event) => jsonOf(event).event_id)).toEqual(["e1", "e2", "e3"]);
  });

  test("sends JSON lines unchanged, even if they are not valid JSON", async () => {
    const lines = ['{"event_id":"e1",  "customer_id":"a","quantity":"3"}', "not json", "[1,2]"];
    const events = await eventsOf("a.jsonl", `${lines.join("\n")}\n\n`);
    expect(events.map(({ data }) => data)).toEqual(lines);
    expect(events.map(({ time }) => time)).toEqual([undefined, undefined, undefined]);
  });

  test("adds a missing ID to a JSON line without changing the rest of the line", async () => {
    const lines = [
      '{"customer_id":"a", "amount":12345678901234567890.10, "amount":1e999} ',
      "{ }",
      '{"event_id":null,"customer_id":"b"}',
    ];
    const events = await eventsOf("a.jsonl", `\uFEFF${lines.join("\r\n")}`);
    const [, first, second, third] = /^(.*)\n(.*)\n(.*)$/.exec(events.map(({ data }) => data).join("\n")) ?? [];
    expect(first).toMatch(
      /^\{"customer_id":"a", "amount":12345678901234567890\.10, "amount":1e999,"event_id":"\w+-1"\}$/,
    );
    expect(second).toMatch(/^\{ "event_id":"\w+-2"\}$/);
    expect(jsonOf(events[2])).toEqual({ customer_id: "b", event_id: expect.stringMatching(/-3$/) });
    expect(third).toBeDefined();
  });

  test("sends a JSON line that is not UTF-8 byte for byte, so that the pipeline quarantines it", async () => {
    const line = Buffer.concat([
      Buffer.from('{"event_id":"e1","customer_id":"M'),
      Buffer.from([0xfc]),
      Buffer.from('ller"}'),
    ]);
    const events = await eventsOf("a.jsonl", Buffer.concat([line, Buffer.from('\n{"event_id":"e2"}\n')]));
    expect(events.map(({ data, bytes }) => [Buffer.from(data).equals(line), bytes])).toEqual([
      [true, line.length],
      [false, 17],
    ]);
  });

  test.each([
    ["an object without a usable toString", '{"event_id":"e1","customer_id":{"toString":"x"}}'],
    ["an array", '{"event_id":"e1","customer_id":["a"]}'],
    ["deep nesting", `{"customer_id":${"[".repeat(20_000)}${"]".repeat(20_000)}}`],
  ])("sends a line whose entity is %s, under a key of its own", async (_, line) => {
    const [event] = await eventsOf("a.jsonl", line);
    expect(event).toMatchObject({ entity: undefined, partitionKey: "row-1" });
    expect(event?.data.toString()).toContain(line.slice(1, -1));
  });

  test("puts no lone surrogate into a partition key", async () => {
    const [event] = await eventsOf("a.jsonl", '{"event_id":"e1","customer_id":"a\\ud800"}');
    expect(event?.partitionKey).toBe("a\uFFFD");
  });

  test("keeps only the start of a line that is too long for a record, and its length", async () => {
    const long = `{"event_id":"${"x".repeat(largestRecordBytes)}"}`;
    const events = await eventsOf("a.jsonl", `${long}\n{"event_id":"e2"}\n`);
    expect(events.map(({ bytes }) => bytes)).toEqual([long.length, 17]);
    expect(events[0]?.data).toHaveLength(largestRecordBytes);
  });

  test("keeps every digit of 64-bit integers in CSV", async () => {
    const events = await eventsOf("a.csv", "event_id,quantity\ne1,9223372036854775807\ne2,9223372036854775808\n");
    expect(events.map(({ data }) => data)).toEqual([
      '{"event_id":"e1","quantity":9223372036854775807}',
      '{"event_id":"e2","quantity":"9223372036854775808"}',
    ]);
  });

  test("rejects a CSV file that is not UTF-8 and names the line", async () => {
    const latin1 = Buffer.from("event_id,customer_id\ne1,Meier\ne2,M\xfcller\n", "latin1");
    await expect(eventsOf("a.csv", latin1)).rejects.toThrow(/a\.csv: line 3 is not UTF-8[\s\S]*iconv/);
  });

  test("converts nested values, 64-bit integers, infinity and bytes of a Parquet row to JSON", () => {
    const toEvent = eventMaker(spec, "0123456789ab");
    const value = {
      event_id: "e1",
      customer_id: 7n,
      quantity: 2n ** 62n,
      amount: Infinity,
      list: [{ a: 1n }],
      raw: new Uint8Array([255]),
    };
    expect(toEvent({ number: 1, value })).toMatchObject({
      data: '{"event_id":"e1","customer_id":"7","quantity":4611686018427387904,"amount":"Infinity","list":[{"a":1}],"raw":[255]}',
      entity: "7",
    });
  });

  test.each([
    [0n, "1970-01-01T00:00:00.000Z"],
    [883_612_800_123_456n, "1998-01-01T00:00:00.123456Z"],
    [-1n, "1969-12-31T23:59:59.999999Z"],
    [2n ** 63n - 1n, "9223372036854775807 microseconds"],
  ])("formats %s microseconds as %s", (microseconds, expected) => {
    expect(isoOfMicroseconds(microseconds)).toBe(expected);
  });

  test("recognizes gzip by the file name", async () => {
    const events = await eventsOf("a.jsonl.gz", gzipSync('{"event_id":"e1"}\n'));
    expect(events.map(({ data }) => data)).toEqual(['{"event_id":"e1"}']);
  });

  test("gives a row of a file the same ID every time, and other rows other IDs", async () => {
    const content = "customer_id,quantity\na,1\na,1\n";
    const ids = (events: OutgoingEvent[]) => events.map((event) => jsonOf(event).event_id);
    const first = ids(await eventsOf("a.csv", content));
    expect(ids(await eventsOf("renamed.csv", content))).toEqual(first);
    expect(new Set([...first, ...ids(await eventsOf("b.csv", `${content}b,2\n`))]).size).toBe(5);
  });

  test("names a corrupt file", async () => {
    await expect(eventsOf("a.jsonl.gz", "no gzip")).rejects.toThrow(/a\.jsonl\.gz cannot be read as jsonl/);
    await expect(eventsOf("a.parquet", "no parquet")).rejects.toThrow(/a\.parquet cannot be read as parquet/);
    await expect(eventsOf("a.xlsx", "x")).rejects.toThrow(/does not name a known format/);
    await expect(eventsOf("a.csv", "")).rejects.toThrow(/is empty/);
  });
});

describe("converting values", () => {
  test.each([
    ["12", "integer", 12],
    ["12.0", "integer", "12.0"],
    ["99999999999999999999", "integer", "99999999999999999999"],
    ["1e3", "double", 1000],
    ["0x10", "double", "0x10"],
    ["Infinity", "double", "Infinity"],
    ["yes", "boolean", "yes"],
    ["12", "string", "12"],
  ] as const)("%s to %s", (text, type, expected) => {
    expect(convertText(text, type)).toBe(expected);
  });

  // The transform step reads the same table in test/python/etl/test_times.py.
  test.each(Object.entries(timeGrammar.accepted))("parses the time %j as %s", (text, expected) => {
    expect(timeOf(text)).toBe(Date.parse(expected.replace(/\d{3}Z$/, "Z")));
  });

  test.each([...timeGrammar.out_of_range, ...timeGrammar.refused, 19970804, null])(
    "does not accept %j as a time",
    (value) => {
      expect(timeOf(value)).toBeUndefined();
    },
  );

  test("includes the start of a range and excludes its end; events without a time belong to the first range", () => {
    const range = timeRange("1997-01-02", "1997-01-03");
    const at = (time: number | undefined) => isWithin({ time }, range);
    expect([at(Date.UTC(1997, 0, 2)), at(Date.UTC(1997, 0, 3)), at(Date.UTC(1997, 0, 1)), at(undefined)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(isWithin({ time: undefined }, { to: 5 })).toBe(true);
    expect(() => timeRange("1997-01-03", "1997-01-02")).toThrow(/is not before/);
    expect(() => timeRange("soon", undefined)).toThrow(/--from soon is not a time/);
  });
});

const event = (row: number, bytes = 10): OutgoingEvent => ({
  row,
  partitionKey: "k",
  data: "x".repeat(bytes),
  bytes,
  time: undefined,
  entity: undefined,
});

test("batches contain every event, in order, and respect both limits", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }), async (sizes) => {
      const events = sizes.map((bytes, row) => event(row, bytes));
      const batches: OutgoingEvent[][] = [];
      for await (const batch of inBatches(events, { records: 5, bytes: 100 })) batches.push(batch);
      expect(batches.flat()).toEqual(events);
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(5);
        expect(batch.reduce((sum, one) => sum + recordBytes(one), 0)).toBeLessThanOrEqual(100);
      }
    }),
  );
});

/** A stream that rejects some records of each call, as a throttled stream does. */
function stream(refuses: (data: string, attempt: number) => boolean) {
  const taken: string[] = [];
  const attempts = new Map<string, number>();
  const client = {
    send: async (command: PutRecordsCommand) => ({
      Records: command.input.Records?.map(({ Data }) => {
        const data = Buffer.from(Data ?? "").toString();
        const attempt = (attempts.get(data) ?? 0) + 1;
        attempts.set(data, attempt);
        if (refuses(data, attempt))
          return { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "slow down" };
        taken.push(data);
        return { SequenceNumber: String(taken.length), ShardId: "0" };
      }),
    }),
  };
  return { client: client as unknown as Parameters<typeof send>[1]["client"], taken };
}

describe("send", () => {
  const numbered = (count: number) =>
    Array.from({ length: count }, (_, row) => ({ ...event(row), data: `event ${row}` }));

  test("resends only the records that a call rejected", async () => {
    const { client, taken } = stream((data, attempt) => data.endsWith("7") && attempt < 3);
    const result = await send(numbered(1200), {
      client,
      stream: "s",
      onRejected: () => undefined,
      pauseMilliseconds: 1,
    });
    expect(result).toMatchObject({ sent: 1200, rejected: 0, retried: 240 });
    expect([...taken].sort()).toEqual(
      numbered(1200)
        .map(({ data }) => data)
        .sort(),
    );
  });

  test("fails with the stream's error if a record is never accepted", async () => {
    const { client } = stream(() => true);
    const sending = send(numbered(3), { client, stream: "s", onRejected: () => undefined, pauseMilliseconds: 0.01 });
    await expect(sending).rejects.toThrow(
      /did not accept 3 events in 10 attempts: ProvisionedThroughputExceededException slow down/,
    );
  });

  test("returns events that are too large for a record, with the reason, and sends the rest", async () => {
    const { client, taken } = stream(() => false);
    const rejected: Rejected[] = [];
    const events = [event(1), event(2, largestRecordBytes + 1), event(3)];
    const result = await send(events, { client, stream: "s", onRejected: (one) => rejected.push(one) });
    expect(result).toMatchObject({ sent: 2, rejected: 1 });
    expect(taken).toHaveLength(2);
    expect(rejected).toMatchObject([{ row: 2, reason: expect.stringMatching(/a Kinesis record holds at most/) }]);
  });
});
