import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { editDistance, nearest } from "../../../spec/nearest";

const word = fc.string({ maxLength: 12 });

describe("edit distance", () => {
  it.each<[string, string, number]>([
    ["", "abc", 3],
    ["range", "rnage", 1],
    ["kitten", "sitting", 3],
  ])("%s → %s is %d", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it("is 0 only for the same word, and the same both ways", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
      }),
    );
  });
});

describe("the word that was meant", () => {
  it.each<[string, string | undefined]>([
    ["min-samples", "min_samples"],
    ["minsamples", "min_samples"],
    ["Cooldown_hour", "cooldown_hours"],
    ["window", "window_days"],
    ["banana", undefined],
  ])("%s → %s", (written, meant) => {
    expect(nearest(written, ["min_samples", "cooldown_hours", "window_days"])).toBe(meant);
  });

  it("is always one of the known words", () => {
    fc.assert(
      fc.property(word, fc.array(word), (written, known) => {
        const found = nearest(written, known);
        expect(found === undefined || known.includes(found)).toBe(true);
      }),
    );
  });
});
