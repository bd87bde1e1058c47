/** The gate: decides whether a model may be registered, with the expected and the actual value of each rule. */

import type { Evaluation, Metrics } from "../../contracts/evaluation";
import type { VerdictRule } from "../../contracts/values";
import type { PipelineConfig } from "../../spec/pipeline";

export interface GateResult {
  passed: boolean;
  verdict: VerdictRule[];
}

/**
 * Applies the gate to an evaluation: enough test rows, every minimum reached, and not worse than the serving model on the
 * same rows by more than the margin. A metric that could not be computed fails its rule.
 */
export function judge(evaluation: Evaluation, gates: PipelineConfig["gates"]): GateResult {
  const verdict = [testRows(evaluation, gates.min_test_rows), ...minimums(evaluation, gates.minimum)];
  verdict.push(againstChampion(evaluation, gates.champion));
  return { passed: verdict.every((rule) => rule.passed), verdict };
}

function testRows(evaluation: Evaluation, least: number): VerdictRule {
  return {
    rule: "test rows",
    expected: `at least ${least}`,
    actual: evaluation.test_rows,
    passed: evaluation.test_rows >= least,
  };
}

function minimums(evaluation: Evaluation, minimum: PipelineConfig["gates"]["minimum"]): VerdictRule[] {
  // The spec's schema allows only metrics of the evaluation.
  return (Object.entries(minimum) as [keyof Metrics, number | undefined][]).flatMap(([metric, least]) => {
    if (least === undefined) return [];
    const actual = evaluation.challenger.metrics[metric];
    return [{ rule: metric, expected: `at least ${least}`, actual, passed: actual !== null && actual >= least }];
  });
}

function againstChampion(evaluation: Evaluation, rule: PipelineConfig["gates"]["champion"]): VerdictRule {
  const name = `${rule.metric} against the champion`;
  const actual = evaluation.challenger.metrics[rule.metric];
  if (evaluation.champion === null) {
    return { rule: name, expected: "no champion serves yet", actual, passed: true };
  }
  const served = evaluation.champion.metrics[rule.metric];
  if (served === null) {
    return { rule: name, expected: `the champion has no ${rule.metric} on these rows`, actual, passed: false };
  }
  return {
    rule: name,
    expected: `at least ${round(served)} − ${rule.margin}`,
    actual,
    passed: actual !== null && actual >= served - rule.margin,
  };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}

/** The verdict in one line, for the registry's description. */
export function summarize(verdict: readonly VerdictRule[]): string {
  return verdict
    .map((rule) => {
      const actual = typeof rule.actual === "number" ? round(rule.actual) : (rule.actual ?? "none");
      return `${rule.rule} ${actual} (${rule.expected})${rule.passed ? "" : " FAILED"}`;
    })
    .join(", ");
}
