import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { faults, keyOfCopy } from "../../../faults/catalogue";
import { stepNames } from "../../../faults/loop";
import { chosenFaults, packIntoPasses } from "../../../faults/plan";

const fault = (name: string, stage: string, ...steps: string[]) => ({ name, stage, steps });
const two = [fault("jvm", "transform", "run 1", "run 2"), fault("feed", "ingest", "ingest 1")];

describe("the choice of faults", () => {
  test("all of them, those of a stage, or one by its name", () => {
    expect(chosenFaults(two, [])).toEqual(two);
    expect(chosenFaults(two, ["transform"])).toEqual([two[0]]);
    expect(chosenFaults(two, ["feed", "transform"])).toEqual(two);
  });

  test("an unknown name is an error that lists what there is", () => {
    expect(() => chosenFaults(two, ["spark"])).toThrow(
      /no fault and no stage spark.*Stages: transform, ingest.*jvm, feed/s,
    );
  });
});

describe("the passes", () => {
  test("each step takes one fault; a further one for it makes a further pass", () => {
    const packed = packIntoPasses([fault("a", "x", "run 1"), fault("b", "x", "run 1"), fault("c", "x", "run 2")]);
    expect(packed.map((pass) => [...pass].map(([step, { name }]) => `${step}: ${name}`))).toEqual([
      ["run 1: a", "run 2: c"],
      ["run 1: b"],
    ]);
  });

  test("a fault that fits in several steps leaves a step to the one that fits nowhere else", () => {
    const packed = packIntoPasses([fault("any", "x", "run 1", "run 2"), fault("first", "x", "run 1")]);
    expect(packed).toHaveLength(1);
    expect(packed[0]?.get("run 1")?.name).toBe("first");
  });

  test("every fault is placed once, in a step where it can strike", () => {
    const steps = fc.uniqueArray(fc.constantFrom("1", "2", "3", "4"), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(steps), (lists) => {
        const all = lists.map((list, position) => fault(String(position), "x", ...list));
        const placed = packIntoPasses(all).flatMap((pass) => [...pass]);
        expect(placed.map(([, { name }]) => name).sort()).toEqual(all.map(({ name }) => name).sort());
        for (const [step, { steps: possible }] of placed) expect(possible).toContain(step);
      }),
    );
  });
});

describe("the catalogue", () => {
  test("each fault has a name of its own and steps of the loop", () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    for (const { steps } of faults) {
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) expect(stepNames).toContain(step);
    }
  });

  test("a file that is delivered again comes after the first copy, which keeps its outcome", () => {
    const key = "1997/03/10/00/daybreak-dev-faults-1-1997-03-10-00-00-00-f644e608.gz";
    expect([keyOfCopy(key), key].sort()).toEqual([key, keyOfCopy(key)]);
  });

  test("every stage has a fault", () => {
    const stages = [
      "cloud",
      "ingest",
      "transform",
      "quality",
      "features",
      "score",
      "train",
      "registry",
      "serve",
      "monitor",
      "alert",
    ];
    expect([...new Set(faults.map(({ stage }) => stage))].sort()).toEqual(stages.sort());
  });
});
