/** The baseline of a model version: how its features and scores were distributed when it was evaluated. */
import * as z from "zod/mini";

const numeric = z.object({
  type: z.literal("numeric"),
  /** Inner edges: the bins are (-inf, e0], (e0, e1], …, (ek, inf). */
  edges: z.array(z.number()),
  shares: z.array(z.number()),
  missing: z.number(),
  count: z.number(),
});

const categorical = z.object({
  type: z.literal("categorical"),
  categories: z.array(z.string()),
  shares: z.array(z.number()),
  /** The share of all categories that are not named. */
  other: z.number(),
  missing: z.number(),
  count: z.number(),
});

export const featureBaseline = z.discriminatedUnion("type", [numeric, categorical]);
export type FeatureBaseline = z.infer<typeof featureBaseline>;

export const baseline = z.object({
  features: z.record(z.string(), featureBaseline),
  prediction: featureBaseline,
});
export type Baseline = z.infer<typeof baseline>;

/** The expected shares of all bins of a feature: its own, then others (categories only), then missing. */
export function expectedShares(feature: FeatureBaseline): number[] {
  return feature.type === "numeric"
    ? [...feature.shares, feature.missing]
    : [...feature.shares, feature.other, feature.missing];
}
