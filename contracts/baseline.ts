/** The distributions of features and scores at a model's evaluation (`baseline.json`), the reference for drift checks. */
import * as z from "zod/mini";
import { count, day, share, text } from "./values";

const shares = z.array(share).check(z.describe("The share of all rows in each bin."));
const missing = share.check(z.describe("The share of rows without a value."));

const numericBaseline = z.object({
  type: z.literal("numeric"),
  edges: z
    .array(z.number())
    .check(z.describe("Inner edges e0 < … < ek: the bins are (-inf, e0], (e0, e1], …, (ek, inf).")),
  shares,
  missing,
  count,
});

const categoricalBaseline = z.object({
  type: z.literal("categorical"),
  categories: z.array(text),
  shares,
  other: share.check(z.describe("The combined share of all categories not listed.")),
  missing,
  count,
});

export const featureBaseline = z.discriminatedUnion("type", [numericBaseline, categoricalBaseline]);
export type FeatureBaseline = z.infer<typeof featureBaseline>;

export const baseline = z.object({
  run_id: text,
  as_of_days: z.array(day).check(z.describe("The as-of days of the reference rows, oldest first.")),
  features: z.record(z.string(), featureBaseline),
  prediction: numericBaseline,
});
export type Baseline = z.infer<typeof baseline>;
