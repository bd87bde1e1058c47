import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { publishReport } from "../../../cli/demo/publish";
import { summaryFixture } from "./summary.fixture";

const summary = summaryFixture();
let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "report-"));
  folder = join(home, "cdnow", "report");
});
afterEach(() => rmSync(home, { recursive: true }));

const rejects = () => join(home, "rejects.jsonl");
const headline = (): string => JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")).headline;

test("the first report is where the documentation says", () => {
  const files = publishReport(summary, folder, rejects());
  expect(files).toEqual({ reportFile: join(folder, "index.html"), summaryFile: join(folder, "summary.json") });
  expect(readdirSync(folder).sort()).toEqual(["index.html", "summary.json"]);
});

test("a new report replaces the last one as a whole, with the events that could not be sent", () => {
  publishReport({ ...summary, headline: "before" }, folder, rejects());
  writeFileSync(join(folder, "left.txt"), "of another report");
  writeFileSync(rejects(), "{}\n");
  publishReport({ ...summary, headline: "now" }, folder, rejects());
  expect(headline()).toBe("now");
  expect(readdirSync(folder).sort()).toEqual(["index.html", "rejects.jsonl", "summary.json"]);
  expect(readdirSync(join(home, "cdnow"))).toEqual(["report"]);
});

test("a report that cannot be written leaves the last one", () => {
  publishReport({ ...summary, headline: "before" }, folder, rejects());
  expect(() => publishReport({ ...summary, seconds: Number.NaN }, folder, rejects())).toThrow();
  mkdirSync(rejects());
  expect(() => publishReport(summary, folder, rejects())).toThrow();
  expect(headline()).toBe("before");
  expect(existsSync(join(folder, "index.html"))).toBe(true);
});
