/** The result of a drift check, which the drift check writes and the retraining reads. */
import * as z from "zod/mini";

const measured = z.object({ psi: z.number(), drifted: z.boolean() });

/** How far the captures have been read, so that none is read twice and none is passed over. */
export const readMark = z.object({
  modified_at: z.string(),
  /** The objects of that very instant which were read: more of the same instant may come. */
  keys: z.array(z.string()),
});
export type ReadMark = z.infer<typeof readMark>;

/** The result of a check, as latest.json keeps it. */
export const driftReport = z.object({
  status: z.enum(["drift", "stable", "skipped"]),
  reason: z.optional(z.string()),
  samples: z.number(),
  version: z.nullable(z.number()),
  model_package_arn: z.optional(z.string()),
  as_of: z.string(),
  features: z.record(z.string(), measured),
  prediction: z.nullable(measured),
  /** Captured lines that are no prediction: an error's, or another client's. */
  unreadable: z.number(),
  capture_objects: z.number(),
  read_through: z.nullable(readMark),
  checked_at: z.string(),
});
export type DriftReport = z.infer<typeof driftReport>;

/** The drifted features, the farthest first. */
export function driftedFeatures(features: DriftReport["features"]): string[] {
  return Object.entries(features)
    .filter(([, { drifted }]) => drifted)
    .sort(([, a], [, b]) => b.psi - a.psi)
    .map(([name]) => name);
}
