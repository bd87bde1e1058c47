import { expect, test } from "@jest/globals";
import { describeFault, describeResult, type FaultResult, oneLine } from "../../../faults/result";

const fault: FaultResult = {
  fault: "transform-jvm",
  stage: "transform",
  title: "kill -9 of the Spark JVM while transform runs",
  step: "features 1",
  seconds: 21,
  struck: "Spark JVM (process 7)",
  saw: [
    "Transform: States.TaskFailed the Spark session\n  died",
    "Transform: States.TaskFailed the Spark session\n  died",
  ],
  retried_by: ["the workflow"],
  differences: [],
  left_running: [],
  end_equal: true,
};

test("a fault is one line: stage, what was done, what the user saw, who retried, whether the end is equal", () => {
  expect(describeFault(fault)).toBe(
    "transform (transform-jvm): Spark JVM (process 7); the user saw Transform: States.TaskFailed the Spark session died; " +
      "retried by the workflow; end equal: yes",
  );
});

test("what differs, and what was left running, follows below the line", () => {
  const differing: FaultResult = {
    ...fault,
    struck: null,
    saw: [],
    retried_by: [],
    differences: [{ part: "events", missing: ["e1"], extra: [] }],
    left_running: ["python -m pyspark.daemon (process 9)"],
    end_equal: false,
  };
  expect(describeFault(differing).split("\n")).toEqual([
    "transform (transform-jvm): NOT STRUCK: its condition never occurred; the user saw nothing; retried by nobody; end equal: NO",
    "    events: 1 missing: e1",
    "    left running: python -m pyspark.daemon (process 9)",
  ]);
});

test("the table ends with how many faults ended as the fault-free loop", () => {
  const passes = [{ pass: 1, stopped: "train 1: no version", differences: [] }];
  const text = describeResult({ ok: false, seconds: 61, faults: [fault], passes, left_running: [] });
  expect(text).toContain("kill -9 of the Spark JVM while transform runs  the workflow  21 s       yes");
  expect(text).toContain("Pass 1 stopped: train 1: no version");
  expect(text).toMatch(/1 of 1 faults ended as the fault-free loop, in 61 s\.$/);
});

test("a long cause is cut, with a sign that it was", () => {
  expect(oneLine(" a\n  b ", 10)).toBe("a b");
  expect(oneLine("abcdef", 4)).toBe("abc…");
});
