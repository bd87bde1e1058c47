/** Which features have been computed (`computed.json`). Every features job reads and rewrites it. */
import * as z from "zod/mini";
import { day, instant, snapshotId, text } from "./values";

export const featureState = z.object({
  definition: text.check(
    z.describe("A hash of features.sql and its columns. If it changes, all features are recomputed."),
  ),
  events_snapshot_id: z.nullable(snapshotId).check(z.describe("The events that the features were computed from.")),
  days: z.array(day).check(z.describe("The as-of days that were computed, in order.")),
  online: z.nullable(day).check(z.describe("The as-of day whose records are all in the online store.")),
  online_at: z.nullable(instant).check(z.describe("When they were; serving tells a replay of old data by it.")),
});
export type FeatureState = z.infer<typeof featureState>;
