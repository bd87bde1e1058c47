/** runs, show, list and how run ends, against a fake stack. */
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { main } from "../../../cli/main";
import { countLines, describeRun } from "../../../cli/runs/describe";
import { readRun } from "../../../cli/runs/record";
import { sampleLines } from "../../../cli/runs/samples";
import { describeExecution } from "../../../cli/shared/executions";
import { CommandProblem } from "../../../cli/shared/problem";
import type { ModelQuality } from "../../../contracts/model-quality";
import { type CapturedOutput, captureOutput } from "./captured-output";
import { account, FakeStack, featuresReport, qualityReport, transformReport } from "./fake-stack";

const stack = new FakeStack();
let printed: CapturedOutput;

beforeEach(() => {
  stack.reset(["cdnow", "shop-churn"]);
  printed = captureOutput();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const daybreak = (...args: string[]) => main(["node", "daybreak", ...args, "--aws"]);
const trigger = { type: "person", actor: "ana", reason: "new campaign" };

/** A features run that has published. */
function published(name = "features-2026-03-01-abc", pipeline = "cdnow"): void {
  const output = { outcome: "features", runId: name, mode: "features", asOf: "2026-03-01" };
  stack.add(pipeline, "run", name, {
    status: "SUCCEEDED",
    input: { mode: "features", asOf: "2026-03-01", trigger },
    output,
  });
  stack.report(pipeline, name, "transform.json", transformReport(name));
  stack.report(pipeline, name, "quality.json", qualityReport(name));
  stack.report(pipeline, name, "features.json", featuresReport(name));
}

/** A run that a dataset rule has halted. */
function halted(name = "features-2026-03-02-abc"): void {
  stack.add("cdnow", "run", name, {
    ...{
      status: "FAILED",
      error: "States.TaskFailed",
      states: ["Plan", "Transform", "Quality", "AlertFailure", "Failed"],
    },
    cause: JSON.stringify({ ErrorMessage: "DatasetRuleBroken: nothing was published" }),
    // A scheduled run names no as-of day: its plan has it.
    input: { mode: "features", trigger: { type: "schedule", actor: "dawn" } },
  });
  const rule = { rule: "quarantine_share", severity: "halt", expected: "at most 0.05", actual: "0.5", passed: false };
  stack.report("cdnow", name, "plan.json", {
    as_of: "2026-03-02",
    execution_arn: stack.arn("daybreak-dev-cdnow-run", name),
  });
  stack.report("cdnow", name, "transform.json", transformReport(name));
  stack.report(
    "cdnow",
    name,
    "quality.json",
    qualityReport(name, { published: false, rows_published: 0, rules: [rule] }),
  );
}

const leak = "The model's AUC is 0.99: one of its features may contain the label.";

function registered(name = "train-2026-03-03-abc"): void {
  const verdict = [{ rule: "auc", expected: "at least 0.68", actual: 0.735123, passed: true }];
  const modelPackageArn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/daybreak-dev-cdnow/2";
  const output = {
    outcome: "registered",
    runId: name,
    mode: "train",
    asOf: "2026-03-03",
    version: 2,
    modelPackageArn,
    verdict,
    warnings: [leak],
  };
  stack.add("cdnow", "run", name, {
    status: "SUCCEEDED",
    input: { mode: "train", asOf: "2026-03-03", trigger },
    output,
  });
}

describe("runs", () => {
  it("lists a pipeline's newest runs first, with counts and outcome", async () => {
    published();
    halted();
    registered();
    stack.add("cdnow", "run", "features-now", { status: "RUNNING", states: ["Plan", "Transform"] });
    expect(await daybreak("runs", "cdnow")).toBe(0);
    const lines = printed.stdout.trimEnd().split("\n").slice(2);
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      expect.arrayContaining(["features-now", "running at Transform"]),
      expect.arrayContaining(["train-2026-03-03-abc", "registered v2, which awaits approval"]),
      expect.arrayContaining([
        "features-2026-03-02-abc",
        "2026-03-02",
        "0",
        "25",
        "failed at Quality: States.TaskFailed",
      ]),
      [
        "features-2026-03-01-abc",
        "2026-03-01",
        "2026-03-01 05:00",
        "38 s",
        "1,000",
        "970",
        "25",
        "300",
        "computed features",
      ],
    ]);
  });

  it("prints numbers as numbers for programs, and at most as many runs as were asked for", async () => {
    published("one");
    published("two");
    expect(await daybreak("runs", "--limit", "1", "--json")).toBe(0);
    expect(JSON.parse(printed.stdout)).toEqual([
      expect.objectContaining({
        ...{ pipeline: "cdnow", name: "two", outcome: "features", seconds: 38, new_events: 1000, published: 970 },
        quarantined: { late: 10, not_json: 5, "range:amount": 10 },
        ...{ duplicates: 5, feature_rows: 300, scored: 0, committed: true, error: null, cause: null },
      }),
    ]);
  });

  it("names what is deployed when the pipeline is not", async () => {
    expect(await daybreak("runs", "cdnw")).toBe(1);
    expect(printed.stderr).toContain("The pipeline cdnw is not deployed here. Deployed: cdnow, shop-churn.");
  });

  it("lists the other runs, too, where one's reports or model package are of another release or gone", async () => {
    published("old");
    stack.report("cdnow", "old", "transform.json", { lines: 3 });
    registered("gone");
    stack.sagemaker
      .on(DescribeModelPackageCommand)
      .rejects(Object.assign(new Error("does not exist"), { name: "ValidationException" }));
    published("new");
    expect(await daybreak("runs", "cdnow", "--json")).toBe(0);
    expect(JSON.parse(printed.stdout)).toMatchObject([
      { name: "new", new_events: 1000, report_problem: null },
      { name: "gone", outcome: "registered", version: 2, approval: null },
      { name: "old", outcome: "features", new_events: 0, report_problem: expect.stringContaining("transform.json") },
    ]);
  });

  it("reads the report of an earlier release, and says what it does not have", async () => {
    published("old");
    const { events_snapshot_id: _, processed_files_snapshot_id: __, ...earlier } = transformReport("old");
    stack.report("cdnow", "old", "transform.json", earlier);
    const run = await runOf("old");
    expect(run.record).toMatchObject({ new_events: 1000, published: 970, duplicates: 5 });
    const note =
      "transform.json was written by an earlier release of Daybreak: it has no events_snapshot_id, processed_files_snapshot_id";
    expect(run.record.report_problem).toBe(note);
    expect(countLines(run).join("\n")).toContain(`reports    ${note}`);
    // A report without what is shown, or with something else in its place, hides only itself.
    stack.report("cdnow", "old", "transform.json", { ...earlier, lines_read: "many" });
    const other = await runOf("old");
    expect(other.record).toMatchObject({ new_events: 0, published: 970 });
    expect(other.record.report_problem).toMatch(/transform\.json violates its contract/);
  });

  it("says of a training run without a model why it has none, and when there will be one", async () => {
    const input = { mode: "train", asOf: "2026-03-03", trigger };
    const common = { mode: "train", asOf: "2026-03-03" };
    const add = (name: string, output: object) =>
      stack.add("cdnow", "run", name, { status: "SUCCEEDED", input, output: { runId: name, ...common, ...output } });
    add("early", { outcome: "not_enough_history", reason: "2 as-of days have rows", enoughFrom: "2026-04-01" });
    add("again", { outcome: "unchanged", reason: "The training set is that of the run early." });
    const incomplete_windows = { action: "drop", cutoffs: ["2026-01-06", "2026-01-13"] };
    const times = { started_at: "2026-03-03T05:00:00Z", finished_at: "2026-03-03T05:00:09Z", seconds: 9 };
    const report = { step: "train-dataset", run_id: "early", ...times, outcome: "not_enough_history" };
    const missing = { reason: "2 as-of days have rows", enough_from: "2026-04-01", incomplete_windows };
    stack.report("cdnow", "early", "train-dataset.json", { ...report, ...missing });
    expect(await daybreak("runs", "cdnow")).toBe(0);
    expect(printed.stdout).toContain("trained no model: nothing has changed since the last one");
    expect(printed.stdout).toContain("trained no model: not enough history until 2026-04-01");
    const lines = countLines(await runOf("early")).join("\n");
    expect(lines).toContain("2 as-of days left out whose window begins before the first event");
    expect(lines).toContain("no model   2 as-of days have rows");
    expect((await runOf("again")).record).toMatchObject({ outcome: "unchanged", enough_from: null });
  });

  it("says that there was none", async () => {
    expect(await daybreak("runs")).toBe(0);
    expect(printed.stdout).toBe("There was no run yet.\n");
  });
});

const place = { environment: "dev", region: "us-east-1", accountId: "123456789012" };
const runOf = async (name: string) =>
  readRun(place, "cdnow", await describeExecution(stack.arn("daybreak-dev-cdnow-run", name)));

describe("the bad lines of a run", () => {
  const quarantine = [
    ["late", "40 days", "a.gz", 1, "{}"],
    ["late", null, "a.gz", 2, "{}"],
    ["not_json", "", "a.gz", 3, "oops"],
    ["range:amount", null, "a.gz", 4, "{}"],
    ["late", null, "a.gz", 5, "{}"],
  ];

  it("are the first of each reason in the quarantine, and no more is read", async () => {
    published();
    const asked: unknown[] = [];
    let rows = 0;
    async function* read(...args: unknown[]) {
      asked.push(args);
      for (const row of quarantine) {
        rows += 1;
        yield row;
      }
    }
    const { lines } = await sampleLines("lake", ["amount"], await runOf("features-2026-03-01-abc"), 1, read);
    expect(lines.map(({ reason, position }) => [reason, position])).toEqual([
      ["late", 1],
      ["not_json", 3],
      ["range:amount", 4],
    ]);
    expect(asked).toEqual([["lake.quarantine", expect.any(Array), { where: "run_id = 'features-2026-03-01-abc'" }]]);
    expect(rows).toBe(4);
  });

  it("of a halted run are read from the lines that it staged, a parsed one by its fields", async () => {
    halted();
    const asked: unknown[] = [];
    async function* read(...args: unknown[]) {
      asked.push(args);
      yield ["not_json", "", "a.gz", 3, "oops", null, null];
      yield ["late", "", "a.gz", 4, null, "x1", 12.5];
    }
    const { lines } = await sampleLines(
      "lake",
      ["event_id", "amount"],
      await runOf("features-2026-03-02-abc"),
      2,
      read,
    );
    expect(lines.map(({ event }) => event)).toEqual(['{"event_id":"x1","amount":12.5}', "oops"]);
    expect(asked).toEqual([
      ["lake.staged", expect.arrayContaining(["amount"]), { where: "_reason is not null", snapshot: "42" }],
    ]);
  });

  it("are reported as unreadable where the table no longer has them", async () => {
    halted();
    // biome-ignore lint/correctness/useYield: it fails before its first row
    async function* read() {
      throw new CommandProblem("The table lake.staged cannot be read: ValueError: Snapshot not found: 42");
    }
    const run = await runOf("features-2026-03-02-abc");
    const samples = await sampleLines("lake", [], run, 2, read);
    expect(samples).toEqual({ lines: [], problem: expect.stringContaining("Snapshot not found") });
    expect(describeRun(run, samples, {})).toContain("Bad lines, for example\n  The table lake.staged cannot be read");
  });
});

/** Bad lines are read by a Python process, which these tests leave out. */
const show = (text: string) => daybreak("show", text, "--samples", "0");

describe("show", () => {
  it("accounts for a run's events, and shows bad lines", async () => {
    published();
    const run = await runOf("features-2026-03-01-abc");
    const line = { reason: "late", detail: "40 days", file: "a.gz", position: 7, event: '{"event_id":"x"}' };
    expect(describeRun(run, { lines: [line], problem: null }, { environment: "dev" })).toBe(
      `Run features-2026-03-01-abc of cdnow as of 2026-03-01: computed features (38 s)

  started    2026-03-01 05:00 UTC by person ana: new campaign
  mode       features
  events     1,000 read = 970 published + 25 quarantined + 5 duplicates
  reasons    late 10, range:amount 10, not_json 5
  features   300 rows of 1 as-of day; 300 online

Bad lines, for example
  late  a.gz, line 7  (40 days)
      {"event_id":"x"}

Next
  all quarantined lines  npx daybreak quarantine show cdnow --run features-2026-03-01-abc --environment dev`,
    );
  });

  it("says which rule halted a run, and how its batch can be published", async () => {
    halted();
    expect(await show("features-2026-03-02-abc")).toBe(0);
    expect(printed.stdout).toContain("of cdnow as of 2026-03-02: failed at Quality (38 s)");
    expect(printed.stdout).toContain("events     1,000 read, none published; the next run reads them again");
    expect(printed.stdout).toContain("✗ quarantine_share: expected at most 0.05, was 0.5 (halt)");
    expect(printed.stdout).toContain("cause      DatasetRuleBroken: nothing was published\n");
    expect(printed.stdout).toContain(
      'npx daybreak release cdnow features-2026-03-02-abc --as-of 2026-03-02 --reason "…"',
    );
  });

  it("shows the gate's verdict, and how to approve the version", async () => {
    registered();
    expect(await show("train-2026-03-03-abc")).toBe(0);
    expect(printed.stdout).toContain("gate       ✓ auc 0.7351 (at least 0.68)");
    expect(printed.stdout).toContain('npx daybreak approve cdnow 2 --reason "…"');
  });

  it("finds a run by its ID where that is shorter than the execution's name", async () => {
    const name = "a-name-that-is-longer-than-a-run-id-may-be-because-a-schedule-made-it";
    published(name);
    stack.report("cdnow", "short-id", "plan.json", {
      as_of: "2026-03-01",
      execution_arn: stack.arn("daybreak-dev-cdnow-run", name),
    });
    expect(await show("short-id")).toBe(0);
    expect(printed.stdout).toContain(`Run ${name} of cdnow`);
  });

  it("finds deployments and drift checks by the ARN in their alert", async () => {
    stack.add("cdnow", "serve", "v2-1", {
      status: "FAILED",
      error: "DeploymentRolledBack",
      cause: "v2 was rolled back",
      states: ["Wait"],
    });
    expect(await show(stack.arn("daybreak-dev-cdnow-serve", "v2-1"))).toBe(0);
    expect(printed.stdout).toContain("Deployment v2-1 of cdnow: failed at Wait (38 s)");
    expect(printed.stdout).toContain("error      DeploymentRolledBack\n  cause      v2 was rolled back");
  });

  it.each([
    ["nothing", 1, /There is no run, deployment or drift check nothing/],
    [
      "arn:aws:states:us-east-1:1:execution:other-team-run:x",
      2,
      /is not the ARN of an execution in the environment dev/,
    ],
  ])("refuses %s", async (text, code, expected) => {
    expect(await show(text)).toBe(code);
    expect(printed.stderr).toMatch(expected);
  });

  it("asks for the ARN when several pipelines have it", async () => {
    published("same", "cdnow");
    published("same", "shop-churn");
    expect(await show("same")).toBe(2);
    expect(printed.stderr).toMatch(/2 executions have the name same\.\n.*\n.*cdnow-run:same\n.*shop-churn-run:same/);
  });
});

describe("list", () => {
  it("says of each pipeline what serves and how its last run ended", async () => {
    stack.reset(["cdnow", "elsewhere"]);
    halted();
    expect(await daybreak("list")).toBe(0);
    const rows = printed.stdout
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      ["cdnow", "nothing", "failed at Quality, 2026-03-01 05:00 UTC", expect.stringMatching(/^Which recent customers/)],
      ["elsewhere", "nothing", "(its folder is elsewhere)"],
      ["shop-churn", "not deployed", expect.stringMatching(/^Which of a web shop/)],
    ]);
  });
});

describe("list, after a check of the quality", () => {
  const quality = (changes: Partial<ModelQuality>) =>
    stack.lake.put(`s3://daybreak-dev-lake-${account}/reports/cdnow/model-quality/latest.json`, {
      ...{ version: 2, as_of: "2026-03-01", newest_day: "2026-02-01", metric: "auc", versions: [], new_days: [] },
      ...{ status: "kept", checked_at: "2026-03-01T06:00:00.000Z", ...changes },
    });

  it.each([
    ["kept", "AUC 0.720 on 616 scores", "v2 keeps its promise: AUC 0.720 on 616 scores"],
    ["broken", "AUC 0.610 on 616 scores", "v2 IS WORSE THAN PROMISED: AUC 0.610 on 616 scores"],
    ["skipped", "no score has a known label", "v2 cannot be judged yet: no score has a known label"],
  ] as const)(
    "has a line that says whether the serving version keeps its promise: %s",
    async (status, reason, text) => {
      stack.reset(["cdnow"]);
      quality({ status, reason });
      expect(await daybreak("list")).toBe(0);
      expect(printed.stdout.trimEnd().split("\n").at(-1)).toBe(`Quality of cdnow: ${text}`);
    },
  );
});

describe("show, of a check", () => {
  it("says whether the serving version keeps its promise, if the check found labels to be known", async () => {
    stack.add("cdnow", "monitor", "check-1", { status: "SUCCEEDED", input: {}, output: { status: "stable" } });
    const report = (checked_at: string) =>
      stack.lake.put(`s3://daybreak-dev-lake-${account}/reports/cdnow/model-quality/latest.json`, {
        ...{ version: 2, as_of: "2026-03-01", newest_day: "2026-02-01", metric: "auc", versions: [], new_days: [] },
        ...{ status: "broken", reason: "AUC 0.610 on 616 scores", checked_at },
      });
    report("2026-02-28T05:00:00.000Z");
    expect(await daybreak("show", "check-1")).toBe(0);
    expect(printed.stdout).not.toContain("quality");
    report("2026-03-01T05:00:20.000Z");
    expect(await daybreak("show", "check-1")).toBe(0);
    expect(printed.stdout).toContain("  quality    v2 IS WORSE THAN PROMISED: AUC 0.610 on 616 scores");
  });
});

describe("run", () => {
  /** Lets the execution that the command starts be as told. */
  function willEnd(prepare: (name: string) => void): void {
    stack.stepFunctions.on(StartExecutionCommand).callsFake(({ name }) => {
      prepare(name);
      return { executionArn: stack.arn("daybreak-dev-cdnow-run", name) };
    });
  }

  it("ends with its counts", async () => {
    willEnd((name) => published(name));
    expect(await daybreak("run", "cdnow", "--as-of", "2026-03-01")).toBe(0);
    expect(printed.stdout).toMatch(
      /^\nRun features-2026-03-01-\w+ of cdnow as of 2026-03-01: computed features \(38 s\)\n/,
    );
    expect(printed.stdout).toContain("events     1,000 read = 970 published + 25 quarantined + 5 duplicates");
  });

  it("that trains ends with the warnings about its model, for people and for programs", async () => {
    willEnd((name) => registered(name));
    expect(await daybreak("run", "cdnow", "--mode", "train")).toBe(0);
    expect(printed.stdout).toContain(`\n  WARNING    ${leak}\n`);
    const printedBefore = printed.stdout.length;
    expect(await daybreak("run", "cdnow", "--mode", "train", "--json")).toBe(0);
    expect(JSON.parse(printed.stdout.slice(printedBefore))).toMatchObject({ outcome: "registered", warnings: [leak] });
  });

  it("fails with the cause, its counts and what to do", async () => {
    willEnd((name) => halted(name));
    expect(await daybreak("run", "cdnow", "--as-of", "2026-03-02")).toBe(1);
    expect(printed.stderr).toContain("events     1,000 read, none published");
    expect(printed.stderr).toMatch(
      /Error: Run .* of cdnow as of 2026-03-02: failed at Quality \(38 s\)\n {2}DatasetRuleBroken: nothing was published\n/,
    );
    expect(printed.stderr).toMatch(
      /npx daybreak release cdnow features-2026-03-02-\w+ --as-of 2026-03-02 --reason "…"/,
    );
    expect(printed.stderr).toMatch(/npx daybreak show features-2026-03-02-\w+ --aws\n/);
    expect(printed.stdout).toBe("");
  });

  it("of a pipeline that is not deployed says so", async () => {
    stack.reset(["shop-churn"]);
    expect(await daybreak("run", "cdnow")).toBe(1);
    expect(printed.stderr).toContain("Error: The pipeline cdnow is not deployed here. Deployed: shop-churn.");
    expect(printed.stderr).toContain("Deploy it with `pulumi up`");
  });

  it("says on Ctrl-C that the run goes on, and how to follow it", async () => {
    willEnd((name) => stack.add("cdnow", "run", name, { status: "RUNNING", states: ["Plan"] }));
    const ending = daybreak("run", "cdnow", "--json");
    while (!printed.stderr.includes("has started")) await new Promise((resolve) => setTimeout(resolve, 10));
    process.emit("SIGINT");
    expect(await ending).toBe(130);
    const { error } = JSON.parse(printed.stdout);
    expect(error).toMatchObject({ kind: "interrupted", exit_code: 130 });
    expect(error.message).toMatch(/^The command was interrupted\. Run features-.* continues\.$/);
    expect(error.remedy).toMatch(/^Follow it: npx daybreak show features-\S+ --follow/);
  });
});
