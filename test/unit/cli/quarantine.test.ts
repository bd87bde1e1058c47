import { afterEach, expect, jest, test } from "@jest/globals";
import { countByReason, describeRows, type Quarantined, stillQuarantined } from "../../../cli/commands/quarantine";
import { main } from "../../../cli/main";
import { captureOutput } from "./captured-output";
import { FakeStack } from "./fake-stack";

afterEach(() => {
  jest.restoreAllMocks();
});

test.each([["list"], ["show"], ["replay", "--reason", "new rules"]])(
  "quarantine %s of a pipeline that is not deployed says so, not that nothing is in quarantine",
  async (verb, ...options) => {
    new FakeStack().reset(["shop-churn"]);
    const printed = captureOutput();
    expect(await main(["node", "daybreak", "quarantine", verb, "cdnow", ...options, "--aws"])).toBe(1);
    expect(printed.stderr).toContain("Error: The pipeline cdnow is not deployed here. Deployed: shop-churn.");
    expect(printed.stdout).toBe("");
  },
);

const line = (reason: string, run_id: string): Quarantined => ({
  reason,
  run_id,
  ...{ as_of: "2026-03-01", raw_file: "2026/03/01/00/a.gz", raw_position: 1, detail: "", event: "{}" },
});

test("quarantined lines are counted by reason and run, in descending order", () => {
  const rows = [line("late", "one"), line("not_json", "one"), line("late", "two"), line("late", "two")];
  expect(countByReason(rows)).toEqual([
    { reason: "late", run_id: "two", as_of: "2026-03-01", lines: 2 },
    { reason: "late", run_id: "one", as_of: "2026-03-01", lines: 1 },
    { reason: "not_json", run_id: "one", as_of: "2026-03-01", lines: 1 },
  ]);
});

test("a replay's result names the lines that are still in quarantine, by their current reason", () => {
  const row = (position: number, reason: string, run_id: string) => ({
    ...line(reason, run_id),
    raw_position: position,
  });
  const before = [row(1, "late", "one"), row(2, "late", "one"), row(3, "late", "one")];
  // Line 1 was published, line 2 got another reason from the replay, and line 3 is unchanged; line 9 was not replayed.
  const after = [row(2, "range:price", "replay"), row(3, "late", "one"), row(9, "late", "other")];
  expect(stillQuarantined(before, after, "replay")).toEqual([
    { reason: "range:price", lines: 1 },
    { reason: "late", lines: 1 },
  ]);
});

test("quarantined lines are shown without control characters, and with the number of those not shown", () => {
  const row = { ...line("not_json", "one"), event: "\u001b[2Jx\u0000", detail: "expected\nJSON" };
  expect(describeRows([row], 1)).toBe("not_json · 2026/03/01/00/a.gz, line 1\n  expected\\x0aJSON\n  \\x1b[2Jx\\x00");
  expect(describeRows([row, { ...row, raw_position: 0 }], 1234)).toMatch(
    /the whole file[\s\S]*2 of 1,234 lines; --limit 1234 shows all\.$/,
  );
});
