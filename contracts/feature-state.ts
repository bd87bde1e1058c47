/** What the feature table holds (`computed.json`): each features run reads it and writes it anew. */
import * as z from "zod/mini";
import { day, snapshotId, text } from "./values";

export const featureState = z.object({
  definition: text.check(
    z.describe("A fingerprint of features.sql and its columns; with another, all is computed anew."),
  ),
  events_snapshot_id: z.nullable(snapshotId).check(z.describe("The events that the features were computed from.")),
  days: z.array(day).check(z.describe("The as-of days that were computed, in order.")),
  online: z.nullable(day).check(z.describe("The as-of day whose records are all in the online store.")),
});
export type FeatureState = z.infer<typeof featureState>;
