/**
 * The results of a demo (`summary.json`). The report page is generated from this file alone, so programs can read everything
 * that the page shows. A field's meaning does not change within one `schema` version.
 */
import * as z from "zod/mini";
import { driftReport } from "./drift-report";
import { comparison, metrics, modelFigures, segment } from "./evaluation";
import { featureImportance, shapPoint } from "./explanation";
import { comparedMetrics, modelQuality, qualityEstimate, versionQuality } from "./model-quality";
import { servingReport } from "./serving-report";
import {
  count,
  countsByReason,
  day,
  instant,
  modelVersion,
  modelWarnings,
  runMode,
  seconds,
  text,
  trigger,
  verdictRule,
} from "./values";

const milliseconds = z.number().check(z.minimum(0), z.describe("Milliseconds."));

const events = z.object({
  sent: count.check(z.describe("Acknowledged by the stream.")),
  rejected: count.check(z.describe("Too large for the stream; kept in a file with the reason.")),
  landed: count.check(z.describe("Lines in the raw events' folder.")),
  published: count.check(z.describe("Rows of the events table.")),
  quarantined: countsByReason.check(z.describe("Quarantined events by reason.")),
  duplicates: count.check(z.describe("Removed because their event ID had already been read.")),
  waiting: count.check(z.describe("Landed, but in no published run: the next run reads them.")),
  lost: count.check(
    z.describe(
      "Lines that are in none of the places above, and event IDs that never landed. Anything but 0 is a defect.",
    ),
  ),
  doubled: count.check(
    z.describe("Lines in two places, event IDs published twice or never sent. Anything but 0 is a defect."),
  ),
});

const run = z.object({
  name: text,
  run_id: text,
  mode: runMode,
  as_of: day,
  trigger,
  outcome: z.enum(["features", "registered", "refused", "unchanged", "not_enough_history", "failed"]),
  started_at: instant,
  seconds,
  states: z.array(z.object({ state: text, seconds })).check(z.describe("The workflow's states in their order.")),
  script_seconds: z
    .record(z.string(), seconds)
    .check(z.describe("Script duration by Glue state. The rest of the state's duration is overhead.")),
  new_events: count,
  committed: z
    .boolean()
    .check(z.describe("Whether its events were published; if not, the next run reads the same files.")),
  published: count,
  quarantined: countsByReason,
  duplicates: count,
  feature_rows: count,
  scored: count.check(z.describe("Entities that the serving version scored; 0 if none served.")),
  cause: z.optional(text).check(z.describe("Why it failed, or why it trained no model.")),
  incomplete_windows: z
    .optional(count)
    .check(z.describe("Labelled as-of days left out, because their window begins before the first event.")),
});
export type RunSummary = z.infer<typeof run>;

const model = z.object({
  version: z
    .nullable(modelVersion)
    .check(z.describe("null if the gate refused the model, which is then not in the registry.")),
  stage: z.enum(["Production", "Approved", "Staging", "Rejected", "Refused"]),
  run_id: text,
  as_of: day,
  trigger,
  registered_at: z.nullable(instant),
  verdict: z.array(verdictRule),
  warnings: modelWarnings,
  approval: z.nullable(z.object({ by: text, reason: text, at: instant })),
  evaluation: z.nullable(z.object(modelFigures)),
  champion: z
    .nullable(z.object({ version: z.nullable(modelVersion), seen_rows: count, metrics, profit: modelFigures.profit }))
    .check(z.describe("The serving model on the same rows, some of which it may have learnt from.")),
  segments: z.array(segment),
  comparisons: z.array(comparison),
  test_rows: z.nullable(count),
  base_rate: z.nullable(z.number()).check(z.describe("The share of positive labels among the test rows.")),
  rows: z.record(z.string(), count).check(z.describe("Rows of the training set by part.")),
  as_of_days: z.record(z.string(), z.array(day)).check(z.describe("As-of days of the training set by part.")),
  importance: z.array(featureImportance),
  shap: z.array(shapPoint),
  lineage: z.record(z.string(), z.string()),
});
export type ModelSummary = z.infer<typeof model>;

const driftCheck = z.object({
  as_of: day,
  checked_at: instant,
  version: z.nullable(modelVersion),
  status: driftReport.shape.status,
  reason: z.optional(text),
  rows: driftReport.shape.rows,
  features: driftReport.shape.features,
  score: driftReport.shape.score,
  consequence: z.object({
    outcome: z.enum([
      "none",
      "retraining-started",
      "retraining-postponed",
      "retraining-suppressed",
      "alarm-unchanged",
      "no-alarm",
      "no-answer",
    ]),
    reason: z.optional(text).check(z.describe("Why a retraining was suppressed, or until when it waits.")),
  }),
});
export type DriftSummary = z.infer<typeof driftCheck>;

const servingCheck = z.omit(servingReport, { position: true });
export type ServingSummary = z.infer<typeof servingCheck>;
const qualityDay = z.object({
  as_of: day,
  version: modelVersion.check(z.describe("The version that scored the day.")),
  rows: count.check(z.describe("Scores, one for each entity.")),
  estimate: z
    .nullable(qualityEstimate.shape.metrics)
    .check(z.describe("What was expected when the day was scored; null if a version of an earlier release scored it.")),
  measured: z.nullable(comparedMetrics).check(z.describe("What happened; null while the labels are not known.")),
});
export type QualityDay = z.infer<typeof qualityDay>;

/** A check as in its report, without the metrics, which the days have. */
const qualityCheck = z.object({
  ...modelQuality.shape,
  versions: z.array(z.omit(versionQuality, { metrics: true })),
});
export type QualityCheck = z.infer<typeof qualityCheck>;

const deployment = z.object({
  version: modelVersion,
  started_at: instant.check(z.describe("When it was approved.")),
  seconds,
  outcome: z.enum(["deployed", "failed"]),
  requests_during: count,
  failed_during: count,
  cause: z.optional(text),
});
export type DeploymentSummary = z.infer<typeof deployment>;

const stage = z.object({
  title: text,
  kind: z
    .enum(["setup", "ingest", "features", "train", "registry", "serve", "monitor"])
    .check(z.describe("setup is what comes before the first stage; features and train are the two kinds of run.")),
  as_of: z.nullable(day),
  started_after: seconds.check(z.describe("Seconds since the demo began.")),
  seconds,
  detail: text,
});
export type StageSummary = z.infer<typeof stage>;

export const summary = z.object({
  schema: z.literal("daybreak-summary/3"),
  pipeline: z.object({
    name: text,
    description: text,
    entity: text,
    label: text,
    label_description: text,
    horizon_days: count,
    window_days: count,
    drift: z
      .object({ alpha: z.number(), effect: z.number() })
      .check(
        z.describe("The pipeline's monitoring.drift: probability of a false alarm, and what counts as drift in size."),
      ),
    features: z.record(z.string(), z.string()).check(z.describe("Each feature's description.")),
    feature_types: z.record(z.string(), z.string()).check(z.describe("Each feature's type, as in pipeline.yaml.")),
  }),
  outcome: z.enum(["second version serves", "one version serves", "refused", "not enough history", "failed"]),
  headline: text,
  generated_at: instant,
  git: z.nullable(z.object({ commit: text, dirty: z.boolean() })),
  data: z.object({ file: text, first_day: day, last_day: day, events: count, entities: count }),
  infrastructure: z.object({ resources: count, seconds }),
  events,
  stages: z.array(stage),
  runs: z.array(run),
  models: z.array(model),
  drift: z.array(driftCheck),
  serving: z.array(servingCheck).check(z.describe("Checks of captured requests.")),
  quality: z.object({
    metric: modelQuality.shape.metric,
    alpha: z.number().check(z.describe("The pipeline's monitoring.quality.alpha.")),
    window_days: count,
    days: z.array(qualityDay).check(z.describe("Every scored day, oldest first.")),
    checks: z.array(qualityCheck).check(z.describe("Every check that knew new labels.")),
  }),
  alarms: z.array(z.object({ alarm: text, state: text, at: instant, reason: text })),
  alerts: z.array(z.object({ at: instant, title: text, text })).check(z.describe("What was posted to Slack.")),
  deployments: z.array(deployment),
  requests: z.object({
    served: count,
    stale: count.check(z.describe("Refused, because the entity's features were too old.")),
    failed: count,
    errors: countsByReason,
    by_version: countsByReason,
    p50_milliseconds: milliseconds,
    p99_milliseconds: milliseconds,
  }),
  seconds,
  peak_memory_bytes: count.check(z.describe("Peak memory of all processes together, in bytes.")),
});
export type Summary = z.infer<typeof summary>;
