/**
 * What a demo found out, as `summary.json` has it. The report's page is made from this alone, so whatever the page
 * shows can be read by a program as well. A field's meaning does not change within one `schema` version.
 */
import { z } from "zod";

const count = z.number().int().nonnegative();
const seconds = z.number().nonnegative();
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const instant = z.string();
const metric = z.number().nullable();

const quarantined = z.record(z.string(), count).describe("Events set aside, by reason.");

const eventAccounting = z.object({
  sent: count.describe("Acknowledged by the stream."),
  rejected: count.describe("Too large for the stream; kept in a file with the reason."),
  landed: count.describe("Lines in the lake's raw zone."),
  curated: count.describe("Rows of the curated table, as its newest snapshot counts them."),
  quarantined,
  duplicates: count.describe("Removed because their event id was already there."),
  waiting: count.describe("Landed, but in no published run: a halted run reads them again."),
  lost: z.number().int().describe("Sent, and in none of the places above. Anything but 0 is a defect."),
  doubled: z.number().int().describe("Counted in more places than were sent. Anything but 0 is a defect."),
});

const verdict = z.object({
  rule: z.string(),
  expected: z.union([z.string(), z.number()]),
  actual: z.union([z.string(), z.number()]).nullable(),
  passed: z.boolean(),
});

const stateTime = z.object({ state: z.string(), seconds });

const trigger = z.object({ type: z.string(), actor: z.string(), reason: z.string().optional() });

const run = z.object({
  name: z.string(),
  run_id: z.string(),
  mode: z.enum(["features", "train"]),
  as_of: day,
  trigger,
  outcome: z.enum(["features", "registered", "refused", "failed"]),
  started_at: instant,
  seconds,
  states: z.array(stateTime),
  script_seconds: z
    .record(z.string(), seconds)
    .describe("Of the Glue states: how long the script itself worked. The rest of the state's time is overhead."),
  new_events: count,
  committed: z.boolean().describe("Whether its events were published: a halted run reads the same files again."),
  published: count,
  quarantined,
  duplicates: count,
  feature_rows: count,
  cause: z.string().optional(),
});

const point = z.tuple([z.number(), z.number()]);

/** How a model did on the rows that it had not seen. */
const evaluation = z.object({
  metrics: z.record(z.string(), metric),
  threshold: z.number(),
  confusion: z.object({ tp: count, fp: count, tn: count, fn: count }),
  calibration: z.array(
    z.looseObject({ mean_score: z.number().nullable(), observed_rate: z.number().nullable(), count }),
  ),
  roc: z.array(point),
  precision_recall: z.array(point),
});

const model = z.object({
  version: z.number().int().nullable().describe("null for a model that the gate refused: it is not in the registry."),
  stage: z.enum(["Production", "Approved", "Staging", "Rejected", "Refused"]),
  run_id: z.string(),
  as_of: day,
  trigger,
  registered_at: instant.nullable(),
  verdict: z.array(verdict),
  approval: z.object({ by: z.string(), reason: z.string(), at: instant }).nullable(),
  evaluation: evaluation.nullable(),
  champion: z
    .object({ version: z.union([z.number(), z.string()]).nullable(), metrics: z.record(z.string(), metric) })
    .nullable()
    .describe("The serving model on the same rows."),
  test_rows: count.nullable(),
  base_rate: z.number().nullable(),
  rows: z.record(z.string(), count).describe("Rows of the training set by part."),
  importance: z.array(z.object({ name: z.string(), mean_abs_shap: z.number() })),
  shap: z.array(
    z.object({ feature: z.string(), value: z.union([z.number(), z.string()]).nullable(), shap: z.number() }),
  ),
  lineage: z.record(z.string(), z.string()),
});

const measured = z.object({ psi: z.number(), drifted: z.boolean() });

const driftCheck = z.object({
  as_of: day,
  checked_at: instant,
  version: z.number().int().nullable(),
  status: z.enum(["drift", "stable", "skipped"]),
  reason: z.string().optional(),
  samples: count,
  features: z.record(z.string(), measured),
  prediction: measured.nullable(),
  consequence: z.string().describe("What followed: nothing, a retraining, or why there was none."),
});

const alarmChange = z.object({ alarm: z.string(), state: z.string(), at: instant, reason: z.string() });
const alert = z.object({ at: instant, title: z.string(), text: z.string() });

const deployment = z.object({
  version: z.number().int(),
  started_at: instant,
  seconds,
  outcome: z.enum(["deployed", "failed"]),
  requests_during: count,
  failed_during: count,
  cause: z.string().optional(),
});

const requests = z.object({
  served: count,
  failed: count,
  errors: z.record(z.string(), count),
  by_version: z.record(z.string(), count),
  p50_milliseconds: z.number(),
  p99_milliseconds: z.number(),
});

const stage = z.object({
  title: z.string(),
  kind: z.enum(["deploy", "collect", "features", "train", "approve", "rollout", "monitor", "other"]),
  as_of: day.nullable(),
  started_after: seconds.describe("Seconds since the demo began."),
  seconds,
  detail: z.string(),
});

export const summarySchema = z.object({
  schema: z.literal("daybreak-summary/1"),
  pipeline: z.object({
    name: z.string(),
    description: z.string(),
    entity: z.string(),
    label: z.string(),
    label_description: z.string(),
    horizon_days: z.number(),
    window_days: z.number(),
    feature_psi: z.number(),
    prediction_psi: z.number(),
    min_samples: z.number(),
    features: z.record(z.string(), z.string()).describe("Each feature's description."),
  }),
  outcome: z.enum(["second version serves", "one version serves", "refused", "failed"]),
  headline: z.string(),
  generated_at: instant,
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
  data: z.object({ file: z.string(), first_day: day, last_day: day, events: count, entities: count }),
  infrastructure: z.object({ resources: count, seconds }),
  events: eventAccounting,
  stages: z.array(stage),
  runs: z.array(run),
  models: z.array(model),
  drift: z.array(driftCheck),
  alarms: z.array(alarmChange),
  alerts: z.array(alert),
  deployments: z.array(deployment),
  requests,
  seconds,
  peak_memory_bytes: count,
});

export type Summary = z.infer<typeof summarySchema>;
export type RunSummary = Summary["runs"][number];
export type ModelSummary = Summary["models"][number];
export type DriftSummary = Summary["drift"][number];
export type StageSummary = Summary["stages"][number];
export type DeploymentSummary = Summary["deployments"][number];
