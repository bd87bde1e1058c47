import { describe, expect, it } from "@jest/globals";
import type { VerdictRule } from "../../../contracts/values";
import { brokenTexts, lacksEvidence, refusalText, ruleText } from "../../../lambdas/shared/verdict";

const passed: VerdictRule = { rule: "test rows", expected: "at least 500", actual: 2393, passed: true };
const undecided: VerdictRule = {
  ...{
    rule: "auc against v1",
    expected: "difference above −0.01 with 95 % confidence",
    actual: -0.01234,
    passed: false,
  },
  ...{ lacks_evidence: true, rows_to_settle: 3763, reason: "About 3,763 rows would settle it." },
};
const worse: VerdictRule = { rule: "auc", expected: "at least 0.6", actual: null, passed: false };

describe("a verdict in words", () => {
  it("has the figure that was found and the one expected", () => {
    expect([passed, undecided, worse].map(ruleText)).toEqual([
      "test rows 2393 (at least 500)",
      "auc against v1 -0.0123 (difference above −0.01 with 95 % confidence)",
      "auc not computed (at least 0.6)",
    ]);
  });

  it("gives the reasons of the broken rules", () => {
    expect(brokenTexts([passed, undecided, worse])).toEqual([
      "auc against v1 -0.0123 (difference above −0.01 with 95 % confidence). About 3,763 rows would settle it.",
      "auc not computed (at least 0.6).",
    ]);
  });

  it("tells a lack of evidence from a model that is worse", () => {
    expect(lacksEvidence([passed, undecided])).toBe(true);
    expect(lacksEvidence([passed, undecided, worse])).toBe(false);
    expect(lacksEvidence([passed])).toBe(false);
    expect(refusalText([undecided])).toBe("the gate lacks the evidence to pass the model");
    expect(refusalText([undecided, worse])).toBe("the gate refused the model");
  });
});
