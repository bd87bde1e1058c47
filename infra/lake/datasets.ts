/** Every dataset of a pipeline: the one place that says where each lies in the lake. */
import type { DatasetName } from "../../contracts/datasets";
import type { PipelineNames, Place } from "../names";
import type { BucketRef } from "../platform";
import { type Catalog, Dataset, TableDataset } from "./dataset";

/** The zone of each dataset; below it comes a folder for each pipeline, and where a zone holds several, one for each dataset. */
const zones = {
  rawEvents: "raw",
  rawErrors: "raw-errors",
  curated: "curated",
  quarantine: "quarantine",
  features: "features",
  trainingSets: "datasets",
  models: "models",
  captures: "captures",
  reports: "reports",
} as const;

/** The datasets of one pipeline, in the order in which data goes through them. */
export function pipelineDatasets(bucket: BucketRef, { region, accountId }: Place, names: PipelineNames) {
  const catalog: Catalog = { region, accountId, database: names.database };
  const at = (zone: keyof typeof zones, ...below: string[]) => [zones[zone], names.pipeline, ...below].join("/");
  const table = (name: DatasetName, zone: keyof typeof zones, ...below: string[]) =>
    new TableDataset(name, bucket, at(zone, ...below), catalog);
  return {
    /** Firehose's files: events as they came, one JSON object a line, by hour. */
    rawEvents: new Dataset("raw_events", bucket, at("rawEvents")),
    /** What Firehose could not deliver. */
    rawErrors: new Dataset("raw_errors", bucket, at("rawErrors")),
    /** The lines of one run, parsed, each with its outcome; every run replaces them. */
    staged: table("staged", "curated", "staged"),
    /** Published events, each once. */
    events: table("events", "curated", "events"),
    /** Which raw files have been published. */
    processedFiles: table("processed_files", "curated", "processed_files"),
    /** Lines and events that were set aside, with their reason. */
    quarantine: table("quarantine", "quarantine", "quarantine"),
    /** The offline store of the feature group: it chooses its own folder below this one. */
    features: table("features", "features"),
    /** Which as-of days have features, and of which events. */
    featureState: new Dataset("feature_state", bucket, at("reports", "features")),
    /** A point-in-time training set for each run that trains. */
    trainingSets: new Dataset("training_sets", bucket, at("trainingSets"), true),
    /** Model artifacts, by run. */
    models: new Dataset("models", bucket, at("models")),
    /** Plan, step reports and evaluation of each run. */
    runReports: new Dataset("run_reports", bucket, at("reports", "runs")),
    /** Requests and answers of the endpoint, by version. */
    captures: new Dataset("captures", bucket, at("captures")),
    /** The results of drift checks. */
    driftReports: new Dataset("drift_reports", bucket, at("reports", "drift")),
  };
}
export type Datasets = ReturnType<typeof pipelineDatasets>;

/** The folder in which Iceberg puts a table that names no place of its own. */
export function warehouse(bucket: BucketRef, { pipeline }: PipelineNames): string {
  return `s3://${bucket.name}/${zones.curated}/${pipeline}`;
}

/** What becomes of the lake's objects with time: prefixes that are archived, and prefixes that expire. */
export function lakeLifecycle(pipelines: readonly string[]): { archive: string; expire: string[] } {
  return {
    // Raw events are rarely read twice.
    archive: `${zones.rawEvents}/`,
    // Staged lines are replaced by every run.
    expire: pipelines.map((pipeline) => `${zones.curated}/${pipeline}/staged/data/`),
  };
}
