/** The gate: may this model be registered? Pure, and every rule says what it expected and what it found. */
import type { PipelineConfig } from "../../spec/pipeline";
import type { VerdictRule } from "../shared/messages";
import type { EvaluationReport } from "./reports";

export interface GateResult {
  passed: boolean;
  verdict: VerdictRule[];
}

/**
 * Judges an evaluation: enough test rows, every minimum reached, and not worse than the serving model on the same
 * rows by more than the margin. A metric that could not be computed fails its rule.
 */
export function judge(evaluation: EvaluationReport, gates: PipelineConfig["gates"]): GateResult {
  const verdict = [testRows(evaluation, gates.min_test_rows), ...minimums(evaluation, gates.minimum)];
  verdict.push(againstChampion(evaluation, gates.champion));
  return { passed: verdict.every((rule) => rule.passed), verdict };
}

function testRows(evaluation: EvaluationReport, least: number): VerdictRule {
  return {
    rule: "test rows",
    expected: `at least ${least}`,
    actual: evaluation.test_rows,
    passed: evaluation.test_rows >= least,
  };
}

function minimums(evaluation: EvaluationReport, minimum: PipelineConfig["gates"]["minimum"]): VerdictRule[] {
  return Object.entries(minimum).flatMap(([metric, least]) => {
    if (least === undefined) return [];
    const actual = metricOf(evaluation.challenger, metric);
    return [{ rule: metric, expected: `at least ${least}`, actual, passed: actual !== null && actual >= least }];
  });
}

function againstChampion(evaluation: EvaluationReport, rule: PipelineConfig["gates"]["champion"]): VerdictRule {
  const name = `${rule.metric} against the champion`;
  const actual = metricOf(evaluation.challenger, rule.metric);
  if (evaluation.champion === null) {
    return { rule: name, expected: "no champion serves yet", actual, passed: true };
  }
  const served = metricOf(evaluation.champion, rule.metric);
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

function metricOf(model: { metrics: Record<string, number | null> }, metric: string): number | null {
  const value = model.metrics[metric];
  return value === undefined || value === null || !Number.isFinite(value) ? null : value;
}

function round(value: number): number {
  return Number(value.toFixed(4));
}

/** The verdict in one line, for a reviewer's eyes and the registry's description. */
export function summarize(verdict: readonly VerdictRule[]): string {
  return verdict
    .map((rule) => {
      const actual = typeof rule.actual === "number" ? round(rule.actual) : (rule.actual ?? "none");
      return `${rule.rule} ${actual} (${rule.expected})${rule.passed ? "" : " FAILED"}`;
    })
    .join(", ");
}
