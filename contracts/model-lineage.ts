/** The lineage of a registered model: the customer metadata of its package, whose values must be strings. */
import * as z from "zod/mini";
import { text } from "./values";

/** Hyperparameters are kept beside these as `hp_<name>`; facts without a value are left out. */
export const modelLineage = z.catchall(
  z.object({
    run_id: text,
    pipeline: text,
    as_of: text,
    git_commit: z.optional(text),
    git_dirty: text,
    events_snapshot_id: text,
    feature_snapshot_id: text,
    dataset_uri: text,
    spec_uri: text,
    started_by: text,
    may_not_approve: z
      .optional(text)
      .check(
        z.describe(
          "Where duties are separate: the aws:userid of who started the training, as a reviewer. The reviewer's policy compares it.",
        ),
      ),
    promoted_from: z
      .optional(text)
      .check(
        z.describe(
          "Of a promoted version: the ARN of the model package of the other environment. Snapshots, training set, code, jobs and execution are of that environment.",
        ),
      ),
    promoted_by: z.optional(text),
    promotion_uri: z.optional(text).check(z.describe("The record of its promotion, with the digests of its files.")),
    promoter_may_not_approve: z.optional(text).check(z.describe("As may_not_approve, of who promoted the version.")),
    trigger: text,
    trigger_reason: z.optional(text),
    execution_arn: text,
    training_job: text,
    refit_job: text.check(z.describe("The job that fitted the evaluated model again, on all labelled rows.")),
    evaluated_model_data_url: text.check(
      z.describe("The evaluated model. Later models are compared with it, because it has not seen their test rows."),
    ),
    evaluated_last_label_day: text.check(
      z.describe(
        "The last day whose events the labels of its rows depend on. It has seen nothing of rows with a later as-of day.",
      ),
    ),
    evaluated_fitted_rows: text.check(
      z.describe("How many rows the evaluated model was fitted on: its metrics are those of this version."),
    ),
    evaluated_fitted_cutoffs: text.check(z.describe("The first and the last as-of day of those rows.")),
    fitted_rows: text.check(z.describe("How many labelled rows the model was fitted on.")),
    fitted_cutoffs: text.check(
      z.describe("The first and the last as-of day of those rows, as 1997-05-05 to 1997-06-30."),
    ),
    last_label_day: text.check(z.describe("The last day whose events the labels of those rows depend on.")),
    evaluated_cutoffs: text.check(z.describe("The first and the last as-of day of the test rows.")),
    auc: z.optional(text),
    f1: z.optional(text),
    threshold: z.optional(text).check(z.describe("Scores at or above this are positive predictions.")),
    threshold_by: z.optional(text).check(z.describe("fixed, f1 or profit.")),
    profit_per_row: z.optional(text).check(z.describe("The profit on the test rows, if serving.costs are given.")),
    test_rows: text,
    warnings: z.optional(text),
    champion_version: z.optional(text),
    floor_version: z
      .optional(text)
      .check(z.describe("The best version when this one was registered; absent if that is this one.")),
    baseline_uri: text,
    evaluation_uri: text,
    source_uri: z
      .optional(text)
      .check(z.describe("The folder of the code of training, whose name has the code's hash.")),
  }),
  text,
);
/** The facts by name, without the hyperparameters and without those of a promotion. */
export type LineageFact = Exclude<keyof typeof modelLineage.shape, `promot${string}`>;
export type ModelLineage = z.infer<typeof modelLineage>;
