/** What the register step reads of the reports that the run's earlier steps wrote. */
import * as z from "zod/mini";

const metrics = z.record(z.string(), z.nullable(z.number()));
/** Text, because an Iceberg snapshot id has more digits than a JSON number keeps. */
const snapshotId = z.optional(z.nullable(z.string()));

/** evaluation.json: challenger and champion on the same rows. A metric that cannot be computed is null. */
export const evaluationReport = z.object({
  challenger: z.object({ metrics }),
  champion: z.nullable(z.object({ version: z.optional(z.union([z.string(), z.number()])), metrics })),
  test_rows: z.number(),
});
export type EvaluationReport = z.infer<typeof evaluationReport>;

/** train-dataset.json: the training set. */
export const datasetReport = z.object({
  rows: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
  feature_snapshot_id: snapshotId,
  events_snapshot_id: snapshotId,
});
export type DatasetReport = z.infer<typeof datasetReport>;

/** quality.json and features.json: only where the training set does not say the snapshot itself. */
export const qualityReport = z.object({ events_snapshot_id: snapshotId });
export const featuresReport = z.object({ feature_snapshot_id: snapshotId });
