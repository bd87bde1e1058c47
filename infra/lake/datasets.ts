/** All datasets of a pipeline. Their paths in the lake are defined here and nowhere else. */
import type { DatasetName } from "../../contracts/datasets";
import type { PipelineNames, Place } from "../names";
import type { BucketRef } from "../platform";
import { type Catalog, Dataset, TableDataset, type TableRetention } from "./dataset";
import { modelQualityFolder, pipelineFolder, runReportsFolder, type Zone, zones } from "./folders";
import { fixedDays, type Retention } from "./retention";

/** The datasets of one pipeline, in the order of the data flow. */
export function pipelineDatasets(
  bucket: BucketRef,
  { region, accountId }: Place,
  names: PipelineNames,
  { snapshotDays, quarantineDays }: Retention,
) {
  const catalog: Catalog = { region, accountId, database: names.database };
  const at = (zone: Zone, ...below: string[]) => pipelineFolder(names.pipeline, zone, ...below);
  const keep = { snapshot_days: fixedDays.snapshots };
  const table = (name: DatasetName, folder: string, kept: TableRetention = keep) =>
    new TableDataset(name, bucket, folder, catalog, kept);
  // The lineage of a model version names their snapshots.
  const lineage = { snapshot_days: snapshotDays };
  return {
    /** Events as received: Firehose's files, partitioned by hour, one JSON object per line. */
    rawEvents: new Dataset("raw_events", bucket, at("rawEvents")),
    /** Records that Firehose could not deliver. */
    rawErrors: new Dataset("raw_errors", bucket, at("rawErrors")),
    /** The current run's raw lines, parsed, each with its outcome. Overwritten by every run. */
    staged: table("staged", at("curated", "staged")),
    /** Published events, without duplicates. */
    events: table("events", at("curated", "events"), lineage),
    /** The raw files whose events have been published. */
    processedFiles: table("processed_files", at("curated", "processed_files")),
    /** Rejected lines and events, with the reason. */
    quarantine: table("quarantine", at("quarantine", "quarantine"), { ...keep, row_days: quarantineDays }),
    /** The feature group's offline store. SageMaker chooses the subfolder. */
    features: table("features", at("features"), lineage),
    /** The files that transform is reading, so that after a crash the next run can find the file that caused it. */
    transformState: new Dataset("transform_state", bucket, at("reports", "transform")),
    /** For each as-of day that has features: the events snapshot they were computed from. */
    featureState: new Dataset("feature_state", bucket, at("reports", "features")),
    /** The rows to score, one folder per run. */
    scoringSets: new Dataset("scoring_sets", bucket, at("scores", "sets"), "files"),
    /** Scores, reasons and drift of each run's rows, as the SageMaker job writes them. */
    scoreReports: new Dataset("score_reports", bucket, at("reports", "scores")),
    /** Every day's scores with their reasons. */
    scores: table("scores", at("scores", "table")),
    /** The newest day's scores as files at a fixed place. */
    scoreExports: new Dataset("score_exports", bucket, at("scores", "exports")),
    /** One point-in-time training set per training run. */
    trainingSets: new Dataset("training_sets", bucket, at("trainingSets"), "files"),
    /** What the newest evaluated model was made of. */
    trainingState: new Dataset("training_state", bucket, at("reports", "train")),
    /** Model artifacts, one folder per run. */
    models: new Dataset("models", bucket, at("models")),
    /** Each run's plan, step reports and evaluation. */
    runReports: new Dataset("run_reports", bucket, runReportsFolder(names.pipeline)),
    /** Requests and responses captured from the endpoint, by hour. */
    captures: new Dataset("captures", bucket, at("captures")),
    /** Results of the drift checks. */
    driftReports: new Dataset("drift_reports", bucket, at("reports", "drift")),
    /** Scores whose label is known, with the label. */
    outcomes: table("outcomes", at("scores", "outcomes")),
    /** What the known labels say of the scores: a report for each check, and for each as-of day. */
    modelQuality: new Dataset("model_quality", bucket, modelQualityFolder(names.pipeline)),
    /** Results of the checks of captured requests. */
    servingReports: new Dataset("serving_reports", bucket, at("reports", "serving")),
  };
}
export type Datasets = ReturnType<typeof pipelineDatasets>;

/** Iceberg's default location for tables that are created without one. */
export function warehouse(bucket: BucketRef, { pipeline }: PipelineNames): string {
  return `s3://${bucket.name}/${zones.curated}/${pipeline}`;
}

/** Prefixes of the lake whose objects move to cheaper storage, and prefixes whose objects expire. */
export function lakeLifecycle(
  pipelines: readonly string[],
  { captureDays, trainingSetDays }: Retention,
): { archive: string; expire: { prefix: string; days: number }[] } {
  const intermediate = pipelines.flatMap((pipeline) => [
    // Every run overwrites the staged lines, so old files serve no purpose.
    `${zones.curated}/${pipeline}/staged/data/`,
    // The feature table has the same rows.
    `${pipelineFolder(pipeline, "scores", "sets")}/`,
  ]);
  return {
    archive: `${zones.rawEvents}/`,
    expire: [
      ...intermediate.map((prefix) => ({ prefix, days: fixedDays.intermediate })),
      { prefix: `${zones.trainingSets}/`, days: trainingSetDays },
      { prefix: `${zones.captures}/`, days: captureDays },
    ],
  };
}
