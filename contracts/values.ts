/** Basic types of the contracts. Their descriptions, with units, become part of the JSON Schemas. */
import * as z from "zod/mini";

export const text = z.string();

/** A calendar day. As-of days and cutoffs mean midnight UTC at the day's start. */
export const day = z.iso
  .date("a day such as 2026-01-31")
  .check(z.describe("A calendar day, YYYY-MM-DD; midnight UTC at its start."));

export const instant = z.iso
  .datetime({ offset: true, error: "an instant such as 2026-01-31T05:00:00Z" })
  .check(z.describe("An instant, ISO 8601 with offset."));

/** URIs have no trailing slash, since users append `/` and a key. */
export const uri = z
  .string()
  .check(
    z.regex(/[^/]$/, "an address without a slash at its end"),
    z.describe("An s3:// URI without a trailing slash."),
  );

export const count = z.int().check(z.minimum(0));
export const seconds = z.number().check(z.minimum(0), z.describe("Seconds."));
export const share = z.number().check(z.minimum(0), z.maximum(1));
/** A figure of some rows. */
export const figure = z.nullable(z.number()).check(z.describe("null if it cannot be computed."));

/** What decides which scores are positive predictions. */
export const thresholdBy = z
  .enum(["fixed", "f1", "profit"])
  .check(
    z.describe(
      "fixed: the number in serving.threshold. Otherwise the threshold with the highest F1, or profit by serving.costs, on the validation rows.",
    ),
  );
export type ThresholdBy = z.infer<typeof thresholdBy>;

/** Text, because an Iceberg snapshot id has 63 bits and a JSON number keeps 53. */
export const snapshotId = z
  .string()
  .check(z.regex(/^\d+$/, "a snapshot id such as 4358109269898112345"), z.describe("An Iceberg snapshot id, as text."));

/** Counts by reason, such as `{"not_json": 3}`. */
export const countsByReason = z.record(z.string(), count);

/** A model's number within its package group. */
export const modelVersion = z.int().check(z.minimum(1), z.describe("The version of a model package."));

/** The Step Functions execution that invokes a Lambda. */
export const execution = z.object({ arn: text, name: text, started_at: text });

/** What a run computes: features only, or features and then a model. */
export const runMode = z.enum(["features", "train"]);
export type RunMode = z.infer<typeof runMode>;

/** What an alarm that starts a retraining has found: other customers, or a version that is worse than its evaluation promised. */
export const retrainingCause = z.enum(["drift", "quality"]);
export type RetrainingCause = z.infer<typeof retrainingCause>;

/** Who or what started a run, and why. */
export const trigger = z.object({
  type: z.enum(["schedule", ...retrainingCause.options, "person", "ci"]),
  actor: text.check(z.describe("The person, the alarm or the schedule.")),
  reason: z.optional(z.nullable(text)),
});
export type Trigger = z.infer<typeof trigger>;

/** A rule of the gate and the model's result. */
export const verdictRule = z.object({
  rule: text,
  expected: z.union([z.string(), z.number()]),
  actual: z
    .nullable(z.union([z.string(), z.number()]))
    .check(z.describe("Of a difference, the lower end of its one-sided interval. null if it could not be computed.")),
  passed: z.boolean(),
  difference: z.optional(z.number()).check(z.describe("The estimate of a difference.")),
  reason: z.optional(text).check(z.describe("Why it failed, where the figures do not say it: a sentence or two.")),
  lacks_evidence: z
    .optional(z.boolean())
    .check(z.describe("true if it failed for too few rows, and not because the model is worse.")),
  rows_to_settle: z
    .optional(count)
    .check(z.describe("About how many rows would decide, if the estimate stays as it is.")),
});
export type VerdictRule = z.infer<typeof verdictRule>;

/** What a reviewer should know beside the verdict: the threshold, its profit, the segments. */
export const modelEvidence = z.array(text).check(z.describe("One sentence each."));

/** What a reviewer should know although it does not decide. */
export const modelWarnings = z
  .array(text)
  .check(
    z.describe("Signs that the features contain the label, one sentence each. The gate does not refuse for them."),
  );
