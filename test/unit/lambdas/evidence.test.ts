import { describe, expect, it } from "@jest/globals";
import type { Evaluation, Segment } from "../../../contracts/evaluation";
import { evidenceOf } from "../../../lambdas/shared/evidence";
import { evaluation } from "./factories";

const segment = (name: string, auc: number | null): Segment => ({
  ...{ column: "device", segment: name, rows: 340, entities: 300, base_rate: 0.2 },
  metrics: auc === null ? null : estimates(auc),
});
const estimates = (auc: number): NonNullable<Segment["metrics"]> => ({
  auc: { value: auc, interval: [auc - 0.05, auc + 0.05] },
  f1: { value: 0.5, interval: null },
  log_loss: { value: 0.5, interval: null },
});

const evaluated = (changes: Partial<Evaluation["challenger"]>, segments: Segment[] = []): string[] => {
  const usual = evaluation();
  return evidenceOf({ ...usual, segments, challenger: { ...usual.challenger, ...changes } });
};

describe("the evidence about a model", () => {
  it("says what chose the threshold, and what acting would have brought", () => {
    const profit = { per_row: 0.4, interval: [-0.25, 1.05] as [number, number], contacted: 120, per_row_of_all: -1.2 };
    expect(evaluated({ threshold: 0.1731, threshold_by: "profit", profit })).toEqual([
      "The threshold is 0.173, the one with the highest profit on the validation rows.",
      "Profit on the test rows: 0.40 per row (95 % interval −0.25 to 1.05), acting on 120 of 500; acting on all would bring −1.20.",
    ]);
    expect(evaluated({ threshold: 0.4, threshold_by: "fixed" })).toEqual([
      "The threshold is 0.400, as pipeline.yaml sets it.",
    ]);
  });

  it("names the weakest segment, and those that cannot be judged", () => {
    const segments = [segment("web", 0.8), segment("ios", 0.66), segment("tv", null)];
    expect(evaluated({}, segments).at(-1)).toBe(
      "Of 2 segments, device ios has the lowest AUC: 0.660 (95 % interval 0.610 to 0.710) on 340 rows, 0.800 overall. Too few rows to judge: device tv.",
    );
    expect(evaluated({}, [segment("tv", null)]).at(-1)).toBe("Too few rows to judge: device tv.");
  });
});
