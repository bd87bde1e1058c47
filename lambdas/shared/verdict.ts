/** The gate's verdict in words. */
import type { VerdictRule } from "../../contracts/values";

/** What a model has, as a reader sees it. */
export function foundText({ actual }: VerdictRule): string {
  return typeof actual === "number" ? String(Number(actual.toFixed(4))) : (actual ?? "not computed");
}

/** Such as "auc 0.71 (at least 0.68)". */
export const ruleText = (rule: VerdictRule): string => `${rule.rule} ${foundText(rule)} (${rule.expected})`;

/** The rules that a model broke, each with its reason. */
export function brokenTexts(verdict: readonly VerdictRule[]): string[] {
  return verdict
    .filter(({ passed }) => !passed)
    .map((rule) => [`${ruleText(rule)}.`, rule.reason].filter(Boolean).join(" "));
}

/** Whether a model was refused only because too few rows cannot tell: it is not known to be worse. */
export function lacksEvidence(verdict: readonly VerdictRule[]): boolean {
  const broken = verdict.filter(({ passed }) => !passed);
  return broken.length > 0 && broken.every(({ lacks_evidence }) => lacks_evidence === true);
}

/** What the gate did, to be followed by which model it was. */
export const refusalText = (verdict: readonly VerdictRule[]): string =>
  lacksEvidence(verdict) ? "the gate lacks the evidence to pass the model" : "the gate refused the model";
