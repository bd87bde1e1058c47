/**
 * Is serving faithful? One check of the captured requests (`latest.json`, and a file for each check): the monitor job writes
 * it, the next check continues where it stopped, and tools read it.
 */
import * as z from "zod/mini";
import { count, countsByReason, instant, share, text } from "./values";

const value = z.nullable(z.union([z.number(), z.string()]));

const example = z.object({
  inference_id: z.nullable(text).check(z.describe("The request's ID, which its capture has.")),
  entity: text,
  event_time: text.check(z.describe("The as-of time of the features.")),
  served: value,
  stored: value,
});
export type ServingExample = z.infer<typeof example>;

const skew = { skewed: count, examples: z.array(example) };

export const servingReport = z.object({
  status: z
    .enum(["faithful", "skewed", "skipped"])
    .check(z.describe("skewed if a request is unfaithful. skipped means that there was no request.")),
  reason: z.optional(text),
  checked_at: instant,
  checked_before: z.nullable(instant).check(z.describe("When the check before this one was made; null if none was.")),
  files: count.check(z.describe("Files of captures that no check has read.")),
  files_read: count.check(z.describe("Fewer than files if there are too many: then a sample of them was read.")),
  unreadable: count.check(z.describe("Captured lines that are not a request and its answer.")),
  unidentified: count.check(
    z.describe("Requests without entity or time of the features: they did not come through Daybreak's Lambda."),
  ),
  requests: count.check(z.describe("The requests that were compared. The counts below are of these.")),
  first_request: z.nullable(instant),
  last_request: z.nullable(instant),
  versions: countsByReason.check(z.describe("Requests by the version that answered.")),
  not_stored: count.check(z.describe("Requests whose entity has no stored row of that time.")),
  skewed: count.check(z.describe("Requests with at least one feature whose served value is not the stored one.")),
  features: z
    .record(z.string(), z.object(skew))
    .check(z.describe("The features whose values differ, doubles by more than a billionth.")),
  scores: z.object({
    compared: count.check(z.describe("Requests whose day has a score by the same version, from the same row.")),
    largest_difference: z.number(),
    ...skew,
  }),
  stale: count.check(z.describe("Requests answered although the features were older than the pipeline allows.")),
  ages: countsByReason.check(z.describe("Requests by the age of their features in days.")),
  unfaithful: count.check(z.describe("Requests that are not stored, are stale, or differ in features or score.")),
  skew: share.check(z.describe("The share of unfaithful requests: the metric ServingSkew.")),
  limit: share.check(z.describe("The pipeline's monitoring.serving_skew: the share at which the alarm fires.")),
  cloudwatch: z
    .array(
      z.object({
        what: z.enum(["volume", "errors", "latency"]),
        namespace: text,
        metric: text,
        statistic: text,
        dimensions: z.record(z.string(), z.string()),
      }),
    )
    .check(z.describe("The metrics of volume, errors and latency, which SageMaker keeps.")),
  position: z
    .object({
      hour: text.check(z.describe("No file is expected any more in the folders of earlier hours.")),
      read: z.array(text).check(z.describe("The files that were read in the folders from this hour on.")),
    })
    .check(z.describe("Where the next check starts.")),
});
export type ServingReport = z.infer<typeof servingReport>;
