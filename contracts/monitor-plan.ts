/** What one monitor job has to check (its argument `--checks`): monitor-plan finds it, so that no job starts for nothing. */
import * as z from "zod/mini";
import { day, modelVersion, text, uri } from "./values";

/** A scored day whose labels are known. */
export const maturedDay = z.object({
  as_of: day,
  run_id: text.check(z.describe("The last run that scored the day.")),
  version: modelVersion,
  evaluation_uri: uri.check(z.describe("The evaluation of the version, which is its promise.")),
  judged: z.boolean().check(z.describe("Whether an earlier check has joined these scores with their labels.")),
});
export type MaturedDay = z.infer<typeof maturedDay>;

export const qualityPlan = z.object({
  as_of: day.check(z.describe("The newest scored day.")),
  since: day.check(z.describe("The first day of the pooled window, which ends with the newest of the days.")),
  days: z.array(maturedDay).check(z.describe("The days to judge, and those of the pooled window; oldest first.")),
});
export type QualityPlan = z.infer<typeof qualityPlan>;

export const servingPlan = z.object({
  endpoint: text,
  variant: text,
  captures_uri: uri.check(z.describe("The folder of the endpoint's captures, with folders by hour in it.")),
});
export type ServingPlan = z.infer<typeof servingPlan>;

export const monitorPlan = z.object({
  version: z.nullable(modelVersion).check(z.describe("The serving version; null if none is serving.")),
  serving: z.nullable(servingPlan).check(z.describe("null if no request was captured since the last check.")),
  quality: z.nullable(qualityPlan).check(z.describe("null if no more labels are known than at the last check.")),
});
export type MonitorPlan = z.infer<typeof monitorPlan>;
