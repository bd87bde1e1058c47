/** The plan of one run (`plan.json`): run-plan writes it, and all later steps read it. */
import * as z from "zod/mini";
import { count, day, instant, modelVersion, runMode, text, trigger, uri } from "./values";

/** The serving model at the start of the run, which scores the day's rows, and with which a new model is compared. */
export const champion = z.object({
  model_package_arn: text,
  version: modelVersion,
  model_data_url: text,
  baseline_uri: uri.check(z.describe("The version's drift baseline.")),
  evaluated_model_data_url: text.check(
    z.describe(
      "The model of this version that was evaluated, with which a new one is compared: what serves has learnt from most of the new model's test rows.",
    ),
  ),
  last_label_day: z
    .nullable(day)
    .check(
      z.describe(
        "The last day whose events the labels of the evaluated model's rows depend on, from the version's lineage; null for a version of an earlier release.",
      ),
    ),
});
export type Champion = z.infer<typeof champion>;

export const runPlan = z.object({
  run_id: text.check(z.describe("Made from the execution's name; part of folders and of job names.")),
  pipeline: text,
  mode: runMode,
  as_of: day,
  started_at: instant.check(z.describe("The start of the run. Events after this day are quarantined as future.")),
  cutoffs: z
    .array(day)
    .check(z.describe("The as-of days whose features the run computes if they are missing, oldest first.")),
  label_cutoffs: z
    .array(day)
    .check(
      z.describe(
        "The cutoffs whose label is known by as_of: its horizon and the time in which events may arrive late have passed.",
      ),
    ),
  least_history_days: count.check(
    z.describe(
      "The days from the first as-of day of the smallest training set that can be split to the run's as-of day.",
    ),
  ),
  trigger,
  release: z
    .nullable(z.object({ run_id: text }))
    .check(
      z.describe("The halted run whose files this run publishes although a dataset rule fails; null in other runs."),
    ),
  replay: z
    .nullable(z.object({ reason: z.nullable(text), run_id: z.nullable(text) }))
    .check(z.describe("The quarantined lines that this run processes instead of new files; null in other runs.")),
  git_commit: text,
  git_dirty: z.boolean(),
  spec_uri: uri.check(z.describe("The resolved pipeline.yaml, as JSON.")),
  source_uri: uri.check(z.describe("The folder of the code of training, whose name has the code's hash.")),
  hyperparameters: z.record(z.string(), z.string()),
  champion: z.nullable(champion).check(z.describe("null if no model is serving.")),
  floor: z
    .nullable(champion)
    .check(
      z.describe("The best version so far, which a new model must keep up with, too; null if it is the champion."),
    ),
  training_job_name: text,
  refit_job_name: text,
  processing_job_name: text,
  score_job_name: text,
  scoring_set_uri: uri.check(z.describe("The folder of the rows to score.")),
  score_report_uri: uri.check(z.describe("The folder of the run's scores and of its drift report.")),
  dataset_uri: uri.check(z.describe("The folder of the run's training set.")),
  model_uri: uri.check(z.describe("The folder of the run's model artifact.")),
  report_uri: uri.check(z.describe("The folder of the run's plan, reports and evaluation.")),
  execution_arn: text,
});
export type RunPlan = z.infer<typeof runPlan>;
