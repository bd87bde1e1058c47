import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Replay } from "../../../cli/demo/replay";
import { checkFile } from "../../../cli/feed/check";
import { pipelineSchema } from "../../../spec/pipeline";

const spec = {
  ...pipelineSchema.parse({
    name: "mine",
    entity: "shop",
    events: {
      fields: {
        event_id: "string",
        event_time: "timestamp",
        shop: "string",
        note: { type: "string", required: false },
      },
    },
    features: { window_days: 7, columns: { sales: "integer" } },
    label: { name: "closes", horizon_days: 7 },
  }),
  features_sql: "",
  label_sql: "",
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const expects =
  "The pipeline mine expects: event_id (string, generated if missing), event_time (timestamp), shop (string), note (string, optional)";

describe("feed and demo reject a file without any publishable event and name the cause", () => {
  test.each([
    ["array.json", '[{"event_time":"2026-03-01","shop":"a"}]\n', /is a JSON array, or lines of arrays[\s\S]*jq -c/],
    ["pretty.json", '[\n  {\n "shop": "a"\n }\n]\n', /is a JSON array/],
    ["pretty-object.json", '{\n "shop": "a"\n}\n', /none of its 3 rows is a JSON object; the first is \{/],
    ["windows.jsonl", Buffer.from('\uFEFF{"event_time":"2026-03-01","shop":"a"}\n', "utf16le"), /is not UTF-8 text/],
    [
      "headerless.csv",
      "2026-03-01,a,3.5\n2026-03-02,b,4\n",
      /no row has a value for event_time, shop\.[\s\S]*Columns of the file: 2026-03-01, a, 3.5\n\s*Its first line looks like data/,
    ],
    [
      "names.csv",
      "id,event-tme,shop,price\n1,2026-03-01,a,2\n",
      /no row has a value for event_time\.[\s\S]*Columns of the file: id, event-tme, shop, price\n\s*Rename event-tme to event_time/,
    ],
    ["empty-column.csv", "event_time,shop\n2026-03-01,\n2026-03-02,\n", /no row has a value for shop/],
    [
      "names.jsonl",
      '{"event_time":"2026-03-01","store":"a"}\n',
      /no row has a value for shop\.[\s\S]*event_time, store/,
    ],
    [
      "times.csv",
      "event_time,shop\n01/03/2026,a\n02/03/2026,b\n",
      /none of its 2 rows has a time in the field event_time that can be read; the first is "01\/03\/2026"[\s\S]*ISO 8601/,
    ],
    ["future.csv", "event_time,shop\n2199-03-01,a\n", /all times in its field event_time are in the future/],
    ["header.csv", "event_time,shop\n", /has no events/],
  ])("%s", async (name, content, expected) => {
    const path = file(name, content);
    const failure = await checkFile(path, spec).catch((error: Error) => error);
    if (!(failure instanceof Error)) throw new Error(`${name} was accepted`);
    expect(failure.message).toMatch(expected);
    expect(failure.message).toContain(expects);
    await expect(Replay.of(spec, path, { words: ["demo"] })).rejects.toThrow(failure.message);
  });

  test("a truncated file, and one in another format than its name says", async () => {
    const cut = Buffer.from("1f8b0800000000000003ab564acf2c4e2d5248cd4b2c4a", "hex");
    await expect(checkFile(file("cut.jsonl.gz", cut), spec)).rejects.toThrow(/cannot be read as jsonl: unexpected end/);
    await expect(checkFile(file("quote.csv", 'event_time,shop\n2026-03-01,"a\n'), spec)).rejects.toThrow(
      /quote\.csv cannot be read as csv: Quote Not Closed/,
    );
  });
});

test("a file with at least one publishable event is accepted, whatever its other rows are", async () => {
  const good = '{"event_time":"2026-03-01","shop":"a"}';
  const deep = `{"shop":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const rows = ["not json", '{"shop":{"toString":"x"}}', deep, "[1]", "\0", good, '{"event_time":"1970-01-01"}'];
  expect(await checkFile(file("mixed.jsonl", rows.join("\n")), spec)).toBe(rows.length);
});
