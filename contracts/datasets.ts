/** The addresses of a pipeline's datasets. Jobs, Lambdas and tools receive them and never build their own. */
import * as z from "zod/mini";
import { count, uri } from "./values";

const folder = z.object({ uri });
const table = z.object({
  uri,
  table: z.string().check(z.regex(/^[^.]+\.[^.]+$/), z.describe("The Glue table, as database.table.")),
  snapshot_days: z.optional(
    count.check(z.describe("Given to the job that writes the table: how many days an old snapshot can be read.")),
  ),
  row_days: z.optional(
    count.check(z.describe("Given to the job that writes the table: how many days a row is kept, if not for ever.")),
  ),
});

const members = {
  /** Events as they arrived: gzipped JSON lines, in folders by hour. */
  raw_events: folder,
  /** Records that Firehose could not deliver. */
  raw_errors: folder,
  /** The current run's lines, parsed and deduplicated but not yet checked. */
  staged: table,
  /** The files that the transform job is reading, and those on which it crashed: attempts.json. */
  transform_state: folder,
  /** Published events, each event id once. */
  events: table,
  /** The raw files that a published run has read. */
  processed_files: table,
  /** Rejected lines and events, with the reason. */
  quarantine: table,
  /** The feature group's offline store. */
  features: table,
  /** The features job's state: computed.json. */
  feature_state: folder,
  /** The rows to score of a run's as-of day, a folder for each run. */
  scoring_sets: folder,
  /** What score customers writes: scores.parquet, scores.csv, drift.json and estimate.json, a folder for each run. */
  score_reports: folder,
  /** The scores of every as-of day, with their reasons. */
  scores: table,
  /** The scores of the newest as-of day: latest/scores.csv and latest/scores.parquet. */
  score_exports: folder,
  /** Point-in-time training sets, a folder for each run. */
  training_sets: folder,
  /** What the newest evaluated model was made of: last.json. */
  training_state: folder,
  /** Model artifacts, a folder for each run. */
  models: folder,
  /** Captured requests and answers of the endpoint, in folders by hour. */
  captures: folder,
  /** Plan, step reports and evaluation, a folder for each run. */
  run_reports: folder,
  /** Drift reports; latest.json is the newest. */
  drift_reports: folder,
  /** Scores whose label is known, with the label. */
  outcomes: table,
  /** What the known labels say of the scores: latest.json is the newest check, days/ has a report for each as-of day. */
  model_quality: folder,
  /** Reports on the captured requests; latest.json is the newest. */
  serving_reports: folder,
};

/** Every dataset of a pipeline. */
export const datasets = z.object(members).check(z.describe("Every dataset of a pipeline."));
export type Datasets = z.infer<typeof datasets>;
export type DatasetName = keyof Datasets;

/** `--datasets` of a Glue job: the datasets that its role may read or write, and no others. */
export const jobDatasets = z
  .partial(z.object(members))
  .check(z.describe("The argument --datasets of a Glue job: the datasets that its role may read or write."));
export type JobDatasets = z.infer<typeof jobDatasets>;
