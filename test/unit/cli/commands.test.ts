import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { Replay, tooManyEvents } from "../../../cli/demo/replay";
import { makeProgram, report } from "../../../cli/main";
import { loadPipeline } from "../../../spec/load";

let folder: string;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-"));
  printed = "";
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs a command line; returns its exit code and everything that it printed. */
async function daybreak(...args: string[]): Promise<{ code: number; said: string }> {
  try {
    const program = makeProgram();
    for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
      command
        .exitOverride()
        .configureOutput({ writeErr: (text) => (printed += text), writeOut: (text) => (printed += text) });
    }
    await program.parseAsync(["node", "daybreak", ...args]);
    return { code: 0, said: printed };
  } catch (error) {
    const code = report(error);
    return { code, said: printed };
  }
}

function pipelineFolder(yaml: string): string {
  const pipeline = join(folder, "pipelines", "mine");
  mkdirSync(pipeline, { recursive: true });
  writeFileSync(join(pipeline, "pipeline.yaml"), yaml);
  writeFileSync(
    join(pipeline, "features.sql"),
    "SELECT as_of, shop, count(*) AS sales FROM events GROUP BY as_of, shop",
  );
  writeFileSync(join(pipeline, "label.sql"), "SELECT as_of, shop, 1 AS closes FROM entities");
  return join(folder, "pipelines");
}

const yaml = `
name: mine
entity: shop
events:
  fields: { event_id: string, event_time: timestamp, shop: string }
features: { window_days: 7, columns: { sales: integer } }
label: { name: closes, horizon_days: 7 }
`;

describe("an invalid command line exits with 2 and lists what is allowed", () => {
  test.each([
    [["dem"], /unknown command 'dem'[\s\S]*Did you mean .*demo/],
    [["demo", "--pipelin", "x"], /unknown option '--pipelin'[\s\S]*--pipeline/],
    [["demo", "--port", "many"], /--port many is not a port/],
    [["demo", "--pipeline", "cdnw"], /there is no pipeline "cdnw" \(did you mean cdnow\?\)/],
    [["feed", "cdnow", "none.csv", "--rate", "-1"], /--rate -1 is not a number above 0/],
    [["run", "cdnow", "--as-of", "yesterday"], /--as-of yesterday is not a day/],
    [["run", "cdnow", "--mode", "both"], /Allowed choices are features, train/],
    [["quarantine", "replay", "cdnow"], /required option '--reason <text>' not specified/],
    [["release", "cdnow", "run-1", "--reason", " "], /--reason is empty/],
    [["approve", "cdnow", "1"], /required option '--reason <text>' not specified/],
    [["simulate", "x.jsonl", "--incidents", "flood"], /no incident "flood"[\s\S]*drift/],
  ])("%j", async (args, expected) => {
    const { code, said } = await daybreak(...args);
    expect(said).toMatch(expected);
    expect(code).toBe(2);
  });
});

test("a missing data file is an ordinary error, not a usage error", async () => {
  const { code, said } = await daybreak("feed", "cdnow", join(folder, "none.csv"));
  expect(said).toMatch(/none\.csv: there is no such file/);
  expect(code).toBe(1);
});

describe("validate", () => {
  test("prints JSON for a valid pipeline", async () => {
    const { code, said } = await daybreak(
      "validate",
      "mine",
      "--no-sql",
      "--json",
      "--pipelines",
      pipelineFolder(yaml),
    );
    expect(code).toBe(0);
    expect(JSON.parse(said)).toEqual([{ pipeline: "mine", features: 1, valid: true }]);
  });

  test("reports a misspelt key with its file, its line and a suggestion", async () => {
    const { code, said } = await daybreak(
      "validate",
      "--no-sql",
      "--pipelines",
      pipelineFolder(yaml.replace("horizon_days", "horizn_days")),
    );
    expect(code).toBe(2);
    expect(said).toMatch(/pipeline\.yaml[\s\S]*horizn_days[\s\S]*horizon_days/);
  });
});

test("validate reports the mistakes of every pipeline, also beside one that does not exist", async () => {
  const pipelines = pipelineFolder(yaml.replace("horizon_days", "horizn_days"));
  const { code, said } = await daybreak("validate", "nobody", "mine", "nothing", "--no-sql", "--pipelines", pipelines);
  expect(code).toBe(2);
  expect(said).toMatch(/there is no pipeline "nobody"[\s\S]*there is no pipeline "nothing"[\s\S]*horizn_days/);
});

describe("the data of a user's own pipeline", () => {
  const spec = () => loadPipeline(join(pipelineFolder(yaml), "mine"));
  const by = { words: ["demo", "--pipeline", "mine"] };

  test("is required, and the error says how to give it", async () => {
    const said = Replay.of(spec(), undefined, { words: ["backtest", "mine"], pipelines: "my pipelines" });
    await expect(said).rejects.toMatchObject({
      message: expect.stringContaining("no data of its own"),
      remedy: expect.stringContaining('npx daybreak backtest mine --data events.csv --pipelines "my pipelines"'),
    });
  });

  test("that does not fit into memory is refused, with commands for the same folder of pipelines", () => {
    const { remedy } = tooManyEvents({ name: "mine" }, "/data/big events.csv", { ...by, pipelines: "../pipelines" });
    expect(remedy?.split("\n").slice(1)).toEqual([
      "npx daybreak up --pipeline mine --pipelines ../pipelines",
      'npx daybreak feed mine "/data/big events.csv" --pipelines ../pipelines',
    ]);
  });

  test("must contain at least one event", async () => {
    const file = join(folder, "empty.csv");
    writeFileSync(file, "event_id,event_time,shop\n");
    await expect(Replay.of(spec(), file, by)).rejects.toThrow(/empty\.csv: has no events/);
  });

  test("is sent in order of time, after lines that are unreadable or from the future", async () => {
    const file = join(folder, "events.jsonl");
    const event = (id: string, time: string) => JSON.stringify({ event_id: id, event_time: time, shop: id });
    writeFileSync(
      file,
      [event("late", "2026-03-05"), "not json", event("early", "2026-03-01"), event("far", "2999-01-01")].join("\n"),
    );
    const replay = await Replay.of(spec(), file, by);
    expect(replay.before("2026-03-02").map(({ data }) => data.slice(0, 20))).toEqual([
      "not json",
      '{"event_id":"far","e',
      '{"event_id":"early",',
    ]);
    expect(replay.before("2026-03-02")).toEqual([]);
    expect(replay.hasMore).toBe(true);
    expect(replay.before("2026-03-06")).toHaveLength(1);
    expect(replay.seenSince("2026-03-06", 2)).toEqual(["late"]);
  });
});
