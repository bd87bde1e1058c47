import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ProgressLine } from "../../../cli/shared/progress-line";

let written: string[];
const terminal = (columns: number) => ({ isTTY: true, columns, write: (text: string) => written.push(text) });

beforeEach(() => {
  written = [];
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** The lines that a terminal was made to show, without the codes that clear it. */
const drawn = () => written.filter((text) => text.length > 5).map((text) => text.replace("\r\x1b[2K", ""));

describe("on a terminal", () => {
  test("parallel activities share one line, in the order in which they began", () => {
    const line = new ProgressLine(false, terminal(100));
    const endFirst = line.begin(() => "Start the local cloud");
    line.begin(() => "Check the pipeline's SQL");
    jest.advanceTimersByTime(1000);
    for (const text of drawn()) {
      expect(text).toMatch(
        /^. 00:0[01] Start the local cloud {2}\d\.\d s {2}│ {2}Check the pipeline's SQL {2}\d\.\d s$/u,
      );
    }
    expect(drawn().length).toBeGreaterThan(5);
    written = [];
    endFirst();
    jest.advanceTimersByTime(240);
    expect(drawn().at(-1)).toMatch(/^. 00:01 Check the pipeline's SQL {2}1\.2 s$/u);
  });

  test("a line is never longer than the terminal is wide, and shows each activity", () => {
    const line = new ProgressLine(false, terminal(60));
    line.begin(() => "the first of the activities, with a long text");
    line.begin(() => "the second of the activities, with a long text");
    jest.advanceTimersByTime(130);
    const [text = ""] = drawn();
    expect(text.length).toBeLessThan(60);
    expect(text).toMatch(/the first .*… {2}0\.1 s {2}│ {2}the second .*… {2}0\.1 s/);
  });

  test("a printed line replaces the drawn one, and nothing is drawn once everything has ended", () => {
    const line = new ProgressLine(false, terminal(80));
    const end = line.begin(() => "work");
    end();
    line.print("✓ work");
    written = [];
    jest.advanceTimersByTime(60_000);
    expect(written).toEqual([]);
  });
});

test("elsewhere, says now and then what is waited for", () => {
  const line = new ProgressLine(false, { write: (text: string) => written.push(text) });
  line.begin(() => "one");
  line.begin(() => "other");
  jest.advanceTimersByTime(41_000);
  expect(written).toEqual(["00:20 … one  20 s  │  other  20 s\n", "00:40 … one  40 s  │  other  40 s\n"]);
});

test("writes nothing when it is silent", () => {
  const line = new ProgressLine(true, terminal(80));
  line.begin(() => "work");
  line.print("✓ work");
  jest.advanceTimersByTime(60_000);
  expect(written).toEqual([]);
});
