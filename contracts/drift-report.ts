/** One drift check (`latest.json`, and a file for each check): monitor-drift writes it; retraining and tools read it. */
import * as z from "zod/mini";
import { count, day, instant, modelVersion, share, text } from "./values";

const sides = {
  baseline: share.check(z.describe("The share of the baseline's rows.")),
  live: count.check(z.describe("The captured values since the last check.")),
};

/** One bin of a distribution, with the baseline and the live traffic side by side. */
export const driftBin = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("range"),
    above: z.nullable(z.number()).check(z.describe("The lower limit, which is not in the bin; null: none.")),
    up_to: z.nullable(z.number()).check(z.describe("The upper limit, which is in the bin; null: none.")),
    ...sides,
  }),
  z.object({ kind: z.literal("category"), category: text, ...sides }),
  z.object({ kind: z.literal("other"), ...sides }).check(z.describe("All categories that have no bin of their own.")),
  z.object({ kind: z.literal("missing"), ...sides }).check(z.describe("Values that are null or of the wrong type.")),
]);
export type DriftBin = z.infer<typeof driftBin>;

/** The population stability index of one feature or of the scores: from 0 (equal) upwards. */
export const measuredDrift = z.object({
  psi: z.number().check(z.minimum(0), z.describe("Population stability index.")),
  drifted: z.boolean().check(z.describe("Whether the index reaches the pipeline's threshold.")),
  bins: z
    .optional(z.array(driftBin))
    .check(z.describe("Only of what drifted: the features with the highest index, and the scores.")),
});
export type MeasuredDrift = z.infer<typeof measuredDrift>;

/** How far the captures have been read, so that no object is read twice or skipped. */
export const readMark = z.object({
  modified_at: instant.check(z.describe("The newest modification time among the objects read.")),
  keys: z
    .array(text)
    .check(z.describe("The objects read with that modification time; others with the same time may still appear.")),
});
export type ReadMark = z.infer<typeof readMark>;

export const driftReport = z.object({
  status: z
    .enum(["drift", "stable", "skipped"])
    .check(z.describe("skipped means too few samples for a result; it does not mean stable.")),
  reason: z.optional(text),
  samples: count.check(z.describe("Captured instances since the last check.")),
  version: z.nullable(modelVersion).check(z.describe("The serving version; null if none is serving.")),
  model_package_arn: z.optional(text),
  as_of: day,
  features: z.record(z.string(), measuredDrift),
  prediction: z.nullable(measuredDrift),
  unreadable: count.check(z.describe("Captured lines without a prediction, such as errors.")),
  capture_objects: count,
  read_through: z.nullable(readMark),
  checked_at: instant,
});
export type DriftReport = z.infer<typeof driftReport>;
