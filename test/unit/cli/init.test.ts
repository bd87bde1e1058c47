import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { fieldName, withFieldNames } from "../../../cli/feed/names";
import { readRows } from "../../../cli/feed/rows";
import { isUseful, measure } from "../../../cli/init/label";
import { main } from "../../../cli/main";
import { column as fieldPattern } from "../../../spec/events";
import { loadPipeline } from "../../../spec/load";
import { type CapturedOutput, captureOutput } from "./captured-output";

let folder: string;
let printed: CapturedOutput;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "init-"));
  printed = captureOutput();
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const pipelines = () => join(folder, "pipelines");

/** Writes a data file and runs init on it; the exit code. */
async function init(file: string, text: string, ...options: string[]): Promise<number> {
  writeFileSync(join(folder, file), text);
  return main([
    "node",
    "daybreak",
    "init",
    "mine",
    "--from",
    join(folder, file),
    "--pipelines",
    pipelines(),
    ...options,
  ]);
}

const day = (offset: number) => new Date(Date.UTC(2025, 0, 1) + offset * 86_400_000).toISOString().slice(0, 10);

/** Visits of 60 customers over 120 days: every n-th customer comes every n days, until some stay away. */
function visits(line: (customer: number, day: number, row: number) => string): string {
  const lines: string[] = [];
  for (let at = 0; at < 120; at += 1) {
    for (let customer = 0; customer < 60; customer += 1) {
      const comes = at % (1 + (customer % 20)) === 0 && at < 40 + 2 * customer;
      if (comes) lines.push(line(customer, at, lines.length));
    }
  }
  return `${lines.join("\n")}\n`;
}

describe("init writes a valid pipeline from a file, and explains its guesses", () => {
  test("CSV whose columns have other names, leading zeros, and values that do not fit", async () => {
    const rows = visits((customer, at, row) => {
      const amount = row === 7 ? "n/a" : (row % 50) + 0.5;
      return `${String(customer).padStart(5, "0")},${day(at)},${amount},${row % 3 === 0 ? "" : "web"}`;
    });
    expect(await init("visits.csv", `Customer ID,OrderDate,Amount,channel\n${rows}`)).toBe(0);
    const spec = loadPipeline(join(pipelines(), "mine"));
    expect(spec.entity).toBe("customer_id");
    expect(spec.events).toMatchObject({ id: "event_id", time: "order_date" });
    expect(Object.entries(spec.events.fields).map(([name, { type, required }]) => [name, type, required])).toEqual([
      ["event_id", "string", true],
      ["customer_id", "string", true],
      ["order_date", "timestamp", true],
      ["amount", "double", true],
      ["channel", "string", false],
    ]);
    expect(spec.label.name).toBe("inactive");
    expect(Object.keys(spec.features.columns)).toEqual(expect.arrayContaining(["recency_days", "mean_amount"]));
    expect(printed.stdout).toMatch(/customer_id .* the column Customer ID; numbers with leading zeros/);
    expect(printed.stdout).toMatch(/amount .* 1 values do not fit, such as "n\/a": their events are quarantined/);
    expect(printed.stdout).toMatch(/id +event_id +made by feed/);
    expect(printed.stdout).toContain("npx daybreak validate mine --pipelines");
  });

  test("JSON lines with an ID, nested values, two times and words of SQL as names", async () => {
    const rows = visits((customer, at, row) =>
      JSON.stringify({
        ...{ uuid: `u-${row}`, created_at: `${day(at)}T10:00:00Z`, shipped_at: day(at + 1), user: `c${customer}` },
        ...{ order: row % 9, request: { path: "/" }, "User Agent": "x" },
      }),
    );
    expect(await init("log.jsonl", rows, "--json")).toBe(0);
    expect(JSON.parse(printed.stdout)).toMatchObject({
      time: { field: "created_at", alternatives: ["shipped_at"] },
      entity: { field: "user" },
      id: { field: "uuid", reason: "a different value in each row" },
      left_out: [
        { column: "request", reason: expect.stringContaining("objects or lists") },
        { column: "User Agent", reason: expect.stringContaining("rename it to user_agent") },
      ],
    });
    const spec = loadPipeline(join(pipelines(), "mine"));
    expect(spec.features_sql).toContain("GROUP BY as_of, `user`");
    expect(spec.features_sql).toContain("ROUND(AVG(`order`), 4) AS mean_order");
  });

  test("a choice overrides a guess, and one that cannot be is refused", async () => {
    const rows = visits((customer, at) => `${day(at)},${day(at + 1)},c${customer},s${customer % 30}`);
    const text = `created_at,shipped_at,customer,store\n${rows}`;
    expect(await init("x.csv", text, "--entity", "customer", "--time", "amount")).toBe(2);
    expect(printed.stderr).toMatch(
      /--time amount is not a column with a time.*\n {2}Columns that are: created_at, shipped_at/,
    );
    expect(await init("x.csv", text, "--entity", "store", "--time", "shipped_at")).toBe(0);
    expect(loadPipeline(join(pipelines(), "mine"))).toMatchObject({ entity: "store", events: { time: "shipped_at" } });
  });

  test("entities that always come back get a label from a column of true and false", async () => {
    const rows = Array.from({ length: 120 * 5 }, (_, row) => {
      return `${day(Math.floor(row / 5))},m${row % 5},${row % 11 === 0}`;
    });
    expect(await init("machines.csv", `time,machine,fault\n${rows.join("\n")}\n`)).toBe(0);
    const { label, label_sql } = loadPipeline(join(pipelines(), "mine"));
    expect(label.name).toBe("will_have_fault");
    expect(label_sql).toContain("COUNT_IF(outcomes.fault) > 0");
  });

  test("without a file: a template that is valid", async () => {
    expect(await main(["node", "daybreak", "init", "mine", "--pipelines", pipelines()])).toBe(0);
    expect(loadPipeline(join(pipelines(), "mine")).label.name).toBe("churned");
  });
});

describe("init refuses, and writes nothing,", () => {
  test.each([
    [
      "headerless.csv",
      "00001,1997-01-01,1,11.77\n00002,1997-01-12,1,12\n",
      /first line looks like data.*\n {2}Add a first line/,
    ],
    ["twice.csv", "customer,date,date\na,2025-01-01,2025-01-02\n", /two columns are called date/],
    ["one.csv", "name\nanna\nbert\n", /no column with the time of the event[\s\S]*name: such as anna/],
    [
      "other.csv",
      "customer,when\na,12/31/2025\na,01/02/2026\n",
      /no column with the time[\s\S]*when: such as 12\/31\/2025[\s\S]*ISO 8601/,
    ],
    [
      "once.csv",
      "customer,time\na,2025-01-01\nb,2025-01-02\nc,2025-01-03\n",
      /no column that says what each event is about[\s\S]*--entity/,
    ],
    ["empty.csv", "customer,time\n", /has no row/],
    [
      "names.jsonl",
      '{"createdAt": "2025-01-01 10:00:00+09:00", "customerId": "a"}\n',
      /no column with the time[\s\S]*createdAt: such as 2025-01-01 10:00:00\+09:00; its name cannot be a field's; rename it to created_at\n[\s\S]*rename the columns in the file; docs\/first-pipeline\.md shows how/,
    ],
    [
      "entity-name.jsonl",
      '{"time": "2025-01-01", "customerId": "a"}\n{"time": "2025-01-02", "customerId": "a"}\n',
      /no column that says what each event is about[\s\S]*Left out: customerId: its name cannot be a field's; rename it to customer_id/,
    ],
    [
      "seconds.csv",
      "customer,ts,n\na,1735696774,3\na,1735700374,1\n",
      /ts: such as 1735696774; perhaps seconds since 1970: 2025-01-01T01:59:34\.000Z\n *n: such as 3\n[\s\S]*must be converted first; docs/,
    ],
    [
      "milliseconds.jsonl",
      '{"customer": "a", "ts": 1735696774000}\n',
      /ts: such as 1735696774000; perhaps milliseconds since 1970: 2025-01-01T01:59:34\.000Z/,
    ],
    ["list.jsonl", "[1, 2]\n", /has no row that is an object/],
  ])("%s", async (file, text, expected) => {
    expect(await init(file, text)).toBe(2);
    expect(printed.stderr).toMatch(expected);
    expect(existsSync(pipelines())).toBe(false);
  });

  test("a choice that was left out, with the reason", async () => {
    const rows = '{"time": "2025-01-01", "customerId": "a"}\n{"time": "2025-01-02", "customerId": "a"}\n';
    expect(await init("x.jsonl", rows, "--entity", "customerId")).toBe(2);
    expect(printed.stderr).toContain("--entity customerId cannot be a field: its name cannot be a field's; rename it");
  });

  test("to overwrite", async () => {
    await main(["node", "daybreak", "init", "mine", "--pipelines", pipelines()]);
    writeFileSync(join(pipelines(), "mine", "label.sql"), "SELECT 1");
    expect(await main(["node", "daybreak", "init", "mine", "--pipelines", pipelines()])).toBe(2);
    expect(printed.stderr).toContain("exists already; init overwrites nothing");
    expect(readFileSync(join(pipelines(), "mine", "label.sql"), "utf8")).toBe("SELECT 1");
    expect(readdirSync(join(pipelines(), "mine"))).toHaveLength(3);
  });

  test("a name that is none", async () => {
    expect(await main(["node", "daybreak", "init", "My Shop", "--pipelines", pipelines()])).toBe(2);
    expect(printed.stderr).toContain('"My Shop" is not a pipeline\'s name');
  });
});

test("init warns when the file is too short to train on", async () => {
  const rows = visits((customer, at) => `${day(at)},c${customer}`)
    .split("\n")
    .slice(0, 90)
    .join("\n");
  expect(await init("short.csv", `time,customer\n${rows}\n`)).toBe(0);
  expect(printed.stdout).toMatch(/! .*(spans \d+ days; training needs at least|labelled rows; it stops below 200)/);
});

describe("the label's share", () => {
  const question = { first: 0, last: 19, windowDays: 2, cutoffEveryDays: 1, horizonDays: 3 };

  test("counts the entities with an event in the window and none in the horizon", () => {
    // One comes every day, the other on day 0 alone: it is asked about on the cutoffs 2 only, as its window holds day 0.
    const daily = Array.from({ length: 20 }, (_, at) => at);
    expect(measure([daily], question)).toMatchObject({ inactiveShare: 0, activeEntities: 1 });
    expect(measure([[0]], question)).toMatchObject({ inactiveShare: 1, labelledRows: 1 });
    expect(measure([], question)).toMatchObject({ inactiveShare: undefined, labelledRows: 0 });
  });

  test("is useful between the extremes", () => {
    expect([undefined, 0, 0.02, 0.03, 0.5, 0.97, 1].map((inactiveShare) => isUseful({ inactiveShare }))).toEqual([
      ...[false, false, false, true, true, true, false],
    ]);
  });
});

describe("columns become fields", () => {
  test.each([
    ["Customer ID", "customer_id"],
    ["customerId", "customer_id"],
    ["CUSTOMER_ID", "customer_id"],
    ["NumberOfCDs", "number_of_cds"],
    ["HTTPStatus", "http_status"],
    ["Größe (cm)", "gro_e_cm"],
    ["2nd_item", "nd_item"],
    ["__", ""],
  ])("%s is %s", (name, expected) => {
    expect(fieldName(name)).toBe(expected);
  });

  test("whatever the column is called, the name is valid or empty, and stays the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (name) => {
        const field = fieldName(name);
        expect(field === "" || fieldPattern.safeParse(field).success).toBe(true);
        expect(fieldName(field)).toBe(field);
      }),
    );
  });

  test("a column is renamed only if its own name is no field, and never onto another column", () => {
    const fields = new Set(["customer_id", "amount"]);
    expect(withFieldNames({ "Customer ID": 1, customer_id: 2, Amount: 3, AMOUNT: 4, other: 5 }, fields)).toEqual({
      ...{ "Customer ID": 1, customer_id: 2, amount: 3, AMOUNT: 4, other: 5 },
    });
  });

  test("of CSV, not of JSON lines, which are sent unchanged", async () => {
    const read = async (file: string, text: string) => {
      writeFileSync(join(folder, file), text);
      for await (const { value } of readRows(join(folder, file), ["customer_id"])) return value;
      return undefined;
    };
    expect(await read("a.csv", "Customer ID\n7\n")).toEqual({ customer_id: "7" });
    expect(await read("a.jsonl", '{"Customer ID": 7}\n')).toEqual({ "Customer ID": 7 });
  });
});
