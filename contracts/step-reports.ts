/** What each Glue step of a run reports about itself: `<step>.json` in the run's report folder. */
import * as z from "zod/mini";
import { datasetFacts, incompleteWindows } from "./dataset-manifest";
import { count, countsByReason, day, instant, modelVersion, seconds, snapshotId, text } from "./values";

/** A step that a rule halts writes its report too, so that the reason is visible. */
const report = <Step extends string, Shape extends z.core.$ZodShape>(step: Step, shape: Shape) =>
  z.object({
    step: z.literal(step),
    run_id: text,
    started_at: instant,
    finished_at: instant,
    seconds: seconds.check(z.describe("Duration of the script in seconds.")),
    ...shape,
  });

/** Raw files → staged lines. Every line read has exactly one outcome. */
export const transformReport = report("transform", {
  raw_files: count.check(z.describe("Files that no published run has read before.")),
  lines_read: count,
  staged_rows: count.check(z.describe("New events.")),
  duplicates_removed: count.check(z.describe("Lines whose event ID had already been read.")),
  reread_rows: count.check(z.describe("Published events that were read again after a failed run.")),
  quarantined: countsByReason,
  staged_snapshot_id: snapshotId,
  published_as_of: z.nullable(day).check(z.describe("The latest as-of day published before; null if none.")),
  events_snapshot_id: z
    .nullable(snapshotId)
    .check(z.describe("The events among which the step looked for copies; quality looks at what came after.")),
  processed_files_snapshot_id: z
    .nullable(snapshotId)
    .check(z.describe("The processed files among which the step looked for its raw files.")),
});
export type TransformReport = z.infer<typeof transformReport>;

/** The raw files of a run's batch, each as key and bytes: transform hands them to quality. */
export const transformFiles = z
  .array(z.tuple([text, count]))
  .check(z.describe("The raw files of the batch: the key below the lake's root, and the size in bytes."));
export type TransformFiles = z.infer<typeof transformFiles>;

/** Staged lines → published events and quarantine. */
export const qualityReport = report("quality", {
  rows_in: count.check(z.describe("New events that were checked.")),
  rows_published: count,
  quarantined: countsByReason.check(z.describe("New events that broke a row rule, by rule.")),
  rules: z.array(
    z.object({
      rule: text,
      severity: z.enum(["halt", "warn"]),
      expected: text,
      actual: text,
      passed: z.boolean(),
    }),
  ),
  released: z
    .nullable(z.object({ run_id: text, by: text, reason: text }))
    .check(
      z.describe("Who published the batch of which halted run although dataset rules fail, and why; otherwise null."),
    ),
  published: z.boolean().check(z.describe("false if a dataset rule halted the run.")),
  events_snapshot_id: z.nullable(snapshotId).check(z.describe("The events table after this step; null while empty.")),
});
export type QualityReport = z.infer<typeof qualityReport>;

const number = z.nullable(z.number());
const featureSummary = z.discriminatedUnion("type", [
  z.object({ type: z.literal("double"), nulls: count, mean: number, min: number, max: number }),
  z.object({ type: z.literal("integer"), nulls: count, mean: number, min: number, max: number }),
  z.object({ type: z.literal("string"), nulls: count, distinct: count.check(z.describe("Approximate.")) }),
]);

/** Published events → feature rows, offline and online. */
export const featuresReport = report("features", {
  cutoffs_computed: count,
  rows_computed: count,
  rows_appended: count.check(z.describe("Written to the offline store, deletions included.")),
  rows_deleted: count,
  rows_unchanged: count,
  online_rows: count.check(z.describe("Records put into the online store.")),
  feature_snapshot_id: z.nullable(snapshotId),
  columns: z.record(z.string(), featureSummary),
});
export type FeaturesReport = z.infer<typeof featuresReport>;

/** The day's feature rows and the serving version → scores, in the table and as files. */
export const scoreReport = report("score", {
  as_of: day,
  version: modelVersion,
  rows: count.check(z.describe("Entities scored.")),
  deciles: z
    .array(count)
    .check(z.length(10), z.describe("Rows by score: the first of scores below 0.1, the last of 0.9 and more.")),
  exported: z
    .boolean()
    .check(z.describe("Whether the files at the fixed place are of this run; not if the table has a newer day.")),
  scores_snapshot_id: z.nullable(snapshotId),
});
export type ScoreReport = z.infer<typeof scoreReport>;

const notEnoughHistory = report("train-dataset", {
  outcome: z.literal("not_enough_history"),
  reason: text.check(z.describe("What is missing, in one sentence.")),
  enough_from: day.check(z.describe("The first as-of day with enough history, if events go on as they do.")),
  incomplete_windows: incompleteWindows,
});

/** The report on a training set that was written. */
export const readyDataset = report("train-dataset", { outcome: z.literal("ready"), ...datasetFacts });
export type ReadyDataset = z.infer<typeof readyDataset>;

/** Feature rows and labels → the training set, or how long it takes until there is one. */
export const trainDatasetReport = z.discriminatedUnion("outcome", [readyDataset, notEnoughHistory]);
export type TrainDatasetReport = z.infer<typeof trainDatasetReport>;
