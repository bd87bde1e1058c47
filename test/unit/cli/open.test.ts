import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openInBrowser, reportOf } from "../../../cli/commands/open";

describe("a report is opened in the browser", () => {
  test("by the system's launcher", async () => {
    expect(await openInBrowser("page.html", { command: process.execPath, args: ["-e", "0"] })).toBeUndefined();
  });

  test.each([
    ["no display", "this machine has no display", /no display/],
    ["no launcher", { command: "no-such-launcher", args: [] }, /no-such-launcher cannot be started/],
    ["a launcher that fails", { command: process.execPath, args: ["-e", "process.exit(3)"] }, /ended with code 3/],
  ])("or the reason is given: %s", async (_, how, expected) => {
    expect(await openInBrowser("page.html", how)).toMatch(expected);
  });
});

describe("the report that is opened", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "open-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  /** Writes a report of this age. */
  function report(folder: string, second: number): string {
    const file = join(home, folder, "index.html");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
    utimesSync(file, second, second);
    return file;
  }

  test("is the newest of the pipeline, or of all, also where the last demo failed", () => {
    const complete = report("shop/report", 1);
    const failed = report("tiny/failed-report", 3);
    expect(reportOf(undefined, home)).toBe(failed);
    expect(reportOf("tiny", home)).toBe(failed);
    expect(reportOf("shop", home)).toBe(complete);
    const later = report("shop/failed-report", 2);
    expect(reportOf("shop", home)).toBe(later);
  });

  test("or else the ones that there are are named", () => {
    expect(() => reportOf(undefined, home)).toThrow("There is no report yet.");
    report("shop/report", 1);
    expect(() => reportOf("cdnow", home)).toThrow("There is no report of cdnow. There are reports of shop.");
  });
});
