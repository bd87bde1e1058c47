import { describe, expect, test } from "@jest/globals";
import { openInBrowser } from "../../../cli/commands/open";

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
