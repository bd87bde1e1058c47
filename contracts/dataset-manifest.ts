/** The manifest of a training set (`dataset.json`): train-dataset writes it; training, evaluation and the registry read it. */
import * as z from "zod/mini";
import { count, day, snapshotId, text } from "./values";

const days = z.array(day);
const perPart = z.object({ train: count, validation: count, purged: count, test: count });

/** What is done with as-of days whose window begins before the first event. */
export const incompleteWindows = z
  .object({ action: z.enum(["drop", "keep"]), cutoffs: days })
  .check(
    z.describe(
      "The labelled as-of days whose window begins before the first event, so that their features lack a part of it; drop leaves them out.",
    ),
  );

/** The fields that the manifest and the train-dataset report share. */
export const datasetFacts = {
  entity: text.check(z.describe("The column that identifies what a row is about.")),
  label: text.check(z.describe("The column to be predicted: 0 or 1.")),
  feature_columns: z
    .array(z.object({ name: text, type: z.enum(["double", "integer", "string"]) }))
    .check(z.minLength(1)),
  rows: perPart.check(z.describe("Rows of each part.")),
  positives: perPart.check(z.describe("Rows whose label is 1.")),
  cutoffs: z
    .object({ train: days, validation: days, test: days, purged: days })
    .check(
      z.describe(
        "As-of days of each part. Purged ones are in none that trains or evaluates, because their label windows overlap the test period.",
      ),
    ),
  incomplete_windows: incompleteWindows,
  digest: text.check(
    z.describe("Equal for equal training sets: of the rows of each part, their columns and their as-of days."),
  ),
  checked_alone: days.check(
    z.describe(
      "As-of days that were also computed alone, as for a prediction: their features and labels are the same.",
    ),
  ),
  events_snapshot_id: snapshotId,
  feature_snapshot_id: snapshotId,
};

export const datasetManifest = z.object({ run_id: text, ...datasetFacts });
export type DatasetManifest = z.infer<typeof datasetManifest>;
