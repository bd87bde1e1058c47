import { expect, test } from "@jest/globals";
import { countByReason, type Quarantined } from "../../../cli/commands/quarantine";

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
