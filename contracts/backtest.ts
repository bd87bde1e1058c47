/** The result of a backtest (`backtest.json`); its page is made from this file alone. */
import * as z from "zod/mini";
import { count, day, instant, seconds, share, text, verdictRule } from "./values";

export const policyName = z.enum(["never", "monthly", "weekly", "daily", "on-drift", "on-quality"]);
export type PolicyName = z.infer<typeof policyName>;

/** A figure with the bounds of its interval. */
export const estimate = z.object({
  value: z.nullable(z.number()).check(z.describe("null if it cannot be computed, for example with one class only.")),
  low: z.nullable(z.number()).check(z.describe("The lower bound of the 95 % interval.")),
  high: z.nullable(z.number()).check(z.describe("The upper bound of the 95 % interval.")),
});
export type Estimate = z.infer<typeof estimate>;

const training = z.object({
  as_of: day,
  reason: text.check(z.describe("Why the policy trained.")),
  outcome: z
    .enum(["accepted", "refused", "not_enough_history"])
    .check(z.describe("Whether the gate accepted the model; not_enough_history: it could not be trained.")),
  detail: text.check(z.describe("What decided: the rules that failed, or what was missing.")),
  verdict: z.array(verdictRule),
});
export type BacktestTraining = z.infer<typeof training>;

const scored = z.object({
  as_of: day,
  version: day.check(z.describe("The as-of day of the training whose model scored these rows.")),
  rows: count,
  positives: count,
  metric: estimate,
  log_loss: z.nullable(z.number()),
});
export type ScoredDay = z.infer<typeof scored>;

const policy = z.object({
  name: policyName,
  title: text,
  scheduled_trainings: count.check(
    z.describe("Trainings that the policy starts in the compared time; those between two as-of days are counted."),
  ),
  trainings: z.array(training).check(z.describe("The trainings at the as-of days of the replay.")),
  versions: count.check(z.describe("The number of models that served.")),
  days: z.array(scored),
  overall: z.object({ metric: estimate, log_loss: estimate }),
  against_best: z
    .nullable(estimate)
    .check(
      z.describe("The metric minus that of the policy with the best one, on the same rows; null for that policy."),
    ),
  same_as: z
    .nullable(policyName)
    .check(z.describe("An earlier policy with the same model on every compared day; null if there is none.")),
});
export type BacktestPolicy = z.infer<typeof policy>;

export const backtest = z.object({
  schema: z.literal("daybreak-backtest/1"),
  pipeline: z.object({ name: text, description: text, label: text, label_description: text, horizon_days: count }),
  data: z.object({ title: text, first_day: day, last_day: day, events: count, left_out: count }),
  generated_at: instant,
  seconds,
  metric: z.enum(["auc", "f1"]).check(z.describe("gates.champion.metric of the pipeline.")),
  margin: share.check(z.describe("gates.champion.margin of the pipeline.")),
  cutoff_every_days: count,
  first_compared: day.check(z.describe("The first as-of day that every policy scored with a model.")),
  last_compared: day.check(z.describe("The last as-of day whose labels are known.")),
  incomplete_windows: count.check(
    z.describe("As-of days that were left out because their window reaches before the first event."),
  ),
  policies: z.array(policy),
  recommendation: z.object({
    policy: policyName,
    headline: text.check(z.describe("The answer in one sentence.")),
    text: text.check(z.describe("The figures that it rests on.")),
  }),
});
export type Backtest = z.infer<typeof backtest>;

/** What the judge (backtest/judge.py) answers. */
export const judgedTraining = z.object({
  outcome: z.enum(["trained", "not_enough_history"]),
  detail: text,
});
export type JudgedTraining = z.infer<typeof judgedTraining>;
export const judgedVerdict = z.object({
  passed: z.boolean(),
  verdict: z.array(verdictRule),
  best: day.check(z.describe("The version that later ones must keep up with, if this one is accepted.")),
});
export type JudgedVerdict = z.infer<typeof judgedVerdict>;
export const judgedAlarm = z.object({
  alarm: z.boolean(),
  reason: text,
  onset: z.nullable(day).check(z.describe("Since when the promise is broken; null if the check cannot tell.")),
});
export type JudgedAlarm = z.infer<typeof judgedAlarm>;
export const judgedPolicies = z.object({
  policies: z.record(
    z.string(),
    z.object({
      days: z.array(scored),
      overall: z.object({ metric: estimate, log_loss: estimate }),
      differences: z
        .record(z.string(), estimate)
        .check(z.describe("The metric minus that of each other policy, on the same rows.")),
    }),
  ),
});
export type JudgedPolicies = z.infer<typeof judgedPolicies>;
