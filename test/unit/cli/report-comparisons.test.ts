import { describe, expect, test } from "@jest/globals";
import { comparisons, meaningOf } from "../../../cli/report/sections/comparisons";
import type { Comparison } from "../../../contracts/evaluation";
import { modelFixture } from "./summary.fixture";

const against = (interval: [number, number], kind: Comparison["kind"] = "champion"): Comparison => ({
  ...{ kind, name: "v1, the serving version", metric: "auc", rows: 2393 },
  ...{ challenger: 0.72, rival: 0.71, difference: 0.01, interval },
});

describe("whether a gain is noise", () => {
  test.each<[[number, number], string, string]>([
    [[0.004, 0.016], "The gain of v2 is more than noise", "better, by more than chance"],
    [[-0.004, 0.024], "The difference of v2 may be noise", "no difference that can be told from chance"],
    [[-0.03, -0.002], "v2 is worse, by more than noise", "worse, by more than chance"],
  ])("is decided by the interval %p", (interval, answer, meaning) => {
    const comparison = against(interval);
    expect(meaningOf(comparison)).toBe(meaning);
    const text = String(comparisons([modelFixture(2, { comparisons: [comparison] })]));
    expect(text).toContain(answer);
    expect(text).toContain("on the same 2,393 rows");
    expect(text).not.toContain("has learnt from");
  });

  test("is said of rows that the serving version has not learnt from", () => {
    const model = modelFixture(2, { comparisons: [against([0.001, 0.02])] });
    const seen = { ...model, champion: model.champion && { ...model.champion, seen_rows: 812 } };
    expect(String(comparisons([seen]))).toContain("v1 has learnt from 812 of the test rows");
  });

  test("needs a comparison", () => {
    expect(comparisons([modelFixture(1, { comparisons: [] })])).toBe(false);
  });
});
