/** One drift check (`latest.json`, and a file for each check): monitor-drift writes it; retraining and tools read it. */
import * as z from "zod/mini";
import { scoreDrift } from "./score-drift";
import { count, day, instant, modelVersion, retrainingCause, text } from "./values";

const { status, reason, features, score } = scoreDrift.shape;

/** The drift of the newest scored day, as the score stage measured it, and what the check adds. */
export const driftReport = z.object({
  status,
  reason,
  run_id: z.nullable(text).check(z.describe("The run that scored the day; null if no day was checked.")),
  as_of: day,
  version: z.nullable(modelVersion).check(z.describe("The serving version; null if none is serving.")),
  rows: count.check(z.describe("The day's rows, one for each entity.")),
  features,
  score,
  drifting_since: z
    .nullable(day)
    .check(z.describe("The first day of consecutive checks of this version that found drift; null without drift.")),
  checked_run: z
    .nullable(text)
    .check(z.describe("The newest run whose drift was checked, and its metrics sent, so that none is checked twice.")),
  checked_at: instant,
});
export type DriftReport = z.infer<typeof driftReport>;

/** Which run scored a day (`days/<day>.json`, and `latest.json` for the newest day), in the folder of score reports. */
export const scoredDay = z.object({ run_id: text, as_of: day, drift_uri: text });
export type ScoredDay = z.infer<typeof scoredDay>;

/** `retraining.json`: a retraining that waits for labels. monitor-retrain writes it; run-plan reads it at every dawn. */
export const postponedRetraining = z.object({
  cause: z._default(retrainingCause, "drift"),
  onset: day.check(z.describe("The beginning of what the alarm reports.")),
  due: day.check(z.describe("The first as-of day with enough labelled as-of days since then.")),
  alarm: text,
  reason: text,
});
export type PostponedRetraining = z.infer<typeof postponedRetraining>;
