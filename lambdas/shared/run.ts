/** The plan of one run, as run-plan writes it and every later step reads it. */
import * as z from "zod/mini";
import { isDay } from "./days";

/** A day of the calendar, as text. */
export const day = z.string().check(z.refine(isDay, "a day such as 2026-01-31"));

export const trigger = z.object({
  type: z.enum(["schedule", "drift", "person", "ci"]),
  actor: z.string(),
  reason: z.nullish(z.string()),
});
export type Trigger = z.infer<typeof trigger>;

export const champion = z.object({
  model_package_arn: z.string(),
  version: z.number(),
  model_data_url: z.string(),
});
export type Champion = z.infer<typeof champion>;

export const runMode = z.enum(["features", "train"]);

export const runPlan = z.object({
  run_id: z.string(),
  pipeline: z.string(),
  mode: runMode,
  as_of: day,
  /** The as-of days whose features the run makes sure to have, newest last. */
  cutoffs: z.array(day),
  /** Those of the cutoffs whose label horizon has passed by as_of. */
  label_cutoffs: z.array(day),
  trigger,
  git_commit: z.string(),
  git_dirty: z.boolean(),
  spec_uri: z.string(),
  hyperparameters: z.record(z.string(), z.string()),
  /** The model that serves when the run begins, which the challenger is compared with. */
  champion: z.nullable(champion),
  training_job_name: z.string(),
  processing_job_name: z.string(),
  dataset_uri: z.string(),
  model_uri: z.string(),
  report_uri: z.string(),
  execution_arn: z.string(),
});
export type RunPlan = z.infer<typeof runPlan>;

/** What Step Functions tells a Lambda of the execution it works for. */
export const execution = z.object({
  arn: z.string(),
  name: z.string(),
  started_at: z.string(),
});
