import { describe, expect, test } from "@jest/globals";
import {
  identityOf,
  isAlive,
  listProcesses,
  parsePs,
  parseStat,
  signalProcess,
  treeOf,
} from "../../../../cli/clouds/processes";

const stat = (command: string, state = "S") =>
  `4711 (${command}) ${state} 12 4711 4711 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 200 18446744073709551615`;

describe("a process in /proc", () => {
  test.each([
    ["python", { pid: 4711, parent: 12, started: "98765" }],
    ["a) S 1 (b", { pid: 4711, parent: 12, started: "98765" }],
  ])("with the command %j", (command, expected) => {
    expect(parseStat(stat(command))).toEqual(expected);
  });

  test.each(["Z", "X"])("in state %s has ended", (state) => {
    expect(parseStat(stat("python", state))).toBeUndefined();
  });
});

test("ps prints the processes of systems without /proc; zombies have ended", () => {
  const text = [
    "    1     0 Ss   Mon Nov 24 09:12:01 2025 /sbin/init --a  b",
    "  815     1 S+   Thu Nov 27 21:46:13 2025    ",
    "  816   815 Z+   Thu Nov 27 21:46:14 2025 [python] <defunct>",
    "",
  ].join("\n");
  expect(parsePs(text)).toEqual([
    { pid: 1, parent: 0, started: "Mon Nov 24 09:12:01 2025", command: "/sbin/init --a  b" },
    { pid: 815, parent: 1, started: "Thu Nov 27 21:46:13 2025", command: "" },
  ]);
});

describe("the identity of a process", () => {
  const own = identityOf(process.pid);

  test("is its pid and its start time", () => {
    expect(own).toEqual({ pid: process.pid, started: expect.stringMatching(/\d/) });
    expect(own !== undefined && isAlive(own)).toBe(true);
  });

  test("is not that of a later process with the same pid, which is never signalled", () => {
    const earlier = { pid: process.pid, started: "1" };
    expect(isAlive(earlier)).toBe(false);
    expect(signalProcess(earlier, "SIGKILL")).toBe(false);
  });

  test("does not exist for a pid that no process has", () => {
    expect(identityOf(2 ** 22 + 1)).toBeUndefined();
  });
});

test("the tree of a process holds its descendants, and no others", () => {
  const processes = [
    { pid: 3, parent: 2, started: "c" },
    { pid: 1, parent: 0, started: "a" },
    { pid: 2, parent: 1, started: "b" },
    { pid: 4, parent: 1, started: "d" },
    { pid: 5, parent: 9, started: "e" },
  ];
  expect(treeOf(1, processes).map(({ pid }) => pid)).toEqual([1, 2, 4, 3]);
  expect(treeOf(9, processes)).toEqual([]);
  expect(listProcesses().find(({ pid }) => pid === process.pid)).toMatchObject({
    parent: process.ppid,
    command: expect.stringContaining("jest"),
  });
});
