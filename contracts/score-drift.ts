/** Drift of one day's rows (`drift.json`), one row per entity: the score stage writes it, the monitor judges by it. */
import * as z from "zod/mini";
import { count, day, modelVersion, share, text } from "./values";

const sides = {
  baseline: share.check(z.describe("The share of the evaluation rows.")),
  current: count.check(z.describe("The day's rows.")),
};

/** One bin of a distribution, with the baseline and the day side by side. */
export const driftBin = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("range"),
    above: z.nullable(z.number()).check(z.describe("The lower limit, which is not in the bin; null: none.")),
    up_to: z.nullable(z.number()).check(z.describe("The upper limit, which is in the bin; null: none.")),
    ...sides,
  }),
  z.object({
    kind: z.literal("value"),
    value: z.number().check(z.describe("The only value of the evaluation rows.")),
    ...sides,
  }),
  z.object({ kind: z.literal("category"), category: text, ...sides }),
  z.object({ kind: z.literal("other"), ...sides }).check(z.describe("All values that have no bin of their own.")),
  z
    .object({ kind: z.literal("missing"), ...sides })
    .check(z.describe("Values that are null, empty text, NaN or infinite.")),
]);
export type DriftBin = z.infer<typeof driftBin>;

const statistics = {
  psi: z.number().check(z.minimum(0), z.describe("Population stability index: from 0 (equal) upwards.")),
  excess: z.number().check(z.describe("The index less what chance alone gives on average.")),
  p_value: share.check(z.describe("The probability of such a difference if nothing changed (chi-squared test).")),
};

const judged = {
  ...statistics,
  strength: z
    .number()
    .check(
      z.minimum(0),
      z.describe("How close the difference is to drift, in evidence and in size: 1 or more is drift."),
    ),
  drifted: z.boolean(),
  informs: z
    .boolean()
    .check(z.describe("Whether a feature that the model does not use has changed, which starts nothing.")),
  bins: z
    .optional(z.array(driftBin))
    .check(z.describe("Of what drifted or informs; if nothing does, of the feature that came closest to drift.")),
};

/** The difference of the scores from the evaluated model's scores of the evaluation rows. */
export const scoreDifference = z.object(judged);
/** The difference of a feature from the evaluation rows, judged, and from the training rows. */
export const featureDifference = z.object({
  importance: share,
  ...judged,
  training: z.object(statistics).check(z.describe("The difference from the rows that the model learnt from.")),
});
export type MeasuredDrift = z.infer<typeof scoreDifference>;

export const scoreDrift = z.object({
  run_id: text,
  as_of: day,
  version: modelVersion,
  rows: count,
  status: z
    .enum(["drift", "stable", "skipped"])
    .check(z.describe("skipped means too few rows for a result; it does not mean stable.")),
  reason: z.optional(text),
  features: z.record(z.string(), featureDifference),
  score: z.nullable(scoreDifference),
});
export type ScoreDrift = z.infer<typeof scoreDrift>;
