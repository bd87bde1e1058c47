/** What a reviewer should know of a model beside the verdict, in sentences. */
import type { Evaluation, Profit, Segment } from "../../contracts/evaluation";
import type { ThresholdBy } from "../../contracts/values";

const figure = (value: number, digits = 3) => value.toFixed(digits).replace("-", "−");
const whole = (value: number) => value.toLocaleString("en-US");
const range = ([low, high]: readonly [number, number], digits = 3) =>
  `${figure(low, digits)} to ${figure(high, digits)}`;

const chosen: Record<ThresholdBy, string> = {
  fixed: "as pipeline.yaml sets it",
  f1: "the one with the highest F1 on the validation rows",
  profit: "the one with the highest profit on the validation rows",
};

/** Such as "Scores of 0.231 and more are positive, the one with the highest F1 on the validation rows". */
export const thresholdText = (threshold: number, by: ThresholdBy): string =>
  `The threshold is ${figure(threshold)}, ${chosen[by]}.`;

/** What acting on the positive predictions of the test rows would have brought. */
export function profitText({ per_row, interval, contacted, per_row_of_all }: Profit, rows: number): string {
  const uncertain = interval === null ? "" : ` (95 % interval ${range(interval, 2)})`;
  return `Profit on the test rows: ${figure(per_row, 2)} per row${uncertain}, acting on ${whole(contacted)} of ${whole(rows)}; acting on all would bring ${figure(per_row_of_all, 2)}.`;
}

const segmentName = ({ column, segment }: Segment) => `${column} ${segment}`;

/** The segment that the model does worst in, and those that cannot be judged; undefined if none is declared. */
export function segmentsText(segments: readonly Segment[], auc: number | null): string | undefined {
  if (segments.length === 0) return undefined;
  const judged = segments.flatMap((one) => (one.metrics === null ? [] : [{ ...one, metrics: one.metrics }]));
  const [worst] = judged.sort((one, other) => one.metrics.auc.value - other.metrics.auc.value);
  const few = segments.filter(({ metrics }) => metrics === null).map(segmentName);
  const unknown = few.length === 0 ? "" : `Too few rows to judge: ${few.join(", ")}.`;
  if (worst === undefined) return unknown;
  const { value, interval } = worst.metrics.auc;
  const uncertain = interval === null ? "" : ` (95 % interval ${range(interval)})`;
  const overall = auc === null ? "" : `, ${figure(auc)} overall`;
  return [
    `Of ${judged.length} segments, ${segmentName(worst)} has the lowest AUC: ${figure(value)}${uncertain} on ${whole(worst.rows)} rows${overall}.`,
    unknown,
  ]
    .filter(Boolean)
    .join(" ");
}

/** All of it. */
export function evidenceOf({ challenger, segments, test_rows }: Evaluation): string[] {
  const { threshold, threshold_by, profit, metrics } = challenger;
  return [
    thresholdText(threshold, threshold_by),
    profit === null ? undefined : profitText(profit, test_rows),
    segmentsText(segments, metrics.auc),
  ].filter((text) => text !== undefined);
}
