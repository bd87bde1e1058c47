/** Decides whether a drift alarm starts a retraining, and if not, why. */
import * as z from "zod/mini";
import type { DriftReport, PostponedRetraining } from "../../contracts/drift-report";
import type { RunInput } from "../../contracts/run-execution";
import type { PipelineConfig, PipelineSpec } from "../../spec/pipeline";
import { labelKnownOn, labelledSince } from "../run-plan/core";
import { addDays, daysBetween } from "../shared/days";
import { instantName } from "../shared/names";

/** EventBridge's "CloudWatch Alarm State Change". */
export const alarmEvent = z.object({
  detail: z.object({
    alarmName: z.string(),
    state: z.object({ value: z.string(), reason: z.optional(z.string()), timestamp: z.optional(z.string()) }),
  }),
});
export type AlarmEvent = z.infer<typeof alarmEvent>;

/** The prefix of the names of executions started by drift. */
export const driftPrefix = "drift-";

export interface EarlierRun {
  name: string;
  startedAt: Date;
}

export interface Retraining {
  /** Derived from the time of the check, so that two alarms of one check start the same execution. */
  name: string;
  input: RunInput;
}

/** `repeat`: the alarm has recovered, or another alarm of the same check has started the retraining; there is nothing to report. */
export type Decision =
  | { start: Retraining }
  | { postponed: PostponedRetraining }
  | { suppressed: string }
  | { repeat: string };

/** The parts of a pipeline that the decision depends on. */
export type RetrainingRules = Pick<PipelineSpec, "monitoring" | "training" | "label" | "events">;

/**
 * Whether to retrain: the newest check must have found drift, enough labelled cutoffs must lie after its beginning, the
 * cooldown since the last retraining must be over, and this calendar month (UTC) must have fewer retrainings than allowed. A
 * retraining that waits for labels uses up neither cooldown nor month.
 */
export function decide(
  event: AlarmEvent,
  latest: DriftReport | undefined,
  earlier: readonly EarlierRun[],
  rules: RetrainingRules,
  now: Date,
): Decision {
  const limits = rules.monitoring;
  const { alarmName, state } = event.detail;
  if (state.value !== "ALARM") return { repeat: `${alarmName} changed to ${state.value}` };
  if (latest === undefined) return { suppressed: "no drift check has been made yet" };
  if (latest.status !== "drift") {
    return { suppressed: `the latest drift check (${latest.checked_at}) has the status ${latest.status}` };
  }
  const reason = latest.reason ?? state.reason ?? "drift";
  const onset = latest.drifting_since ?? latest.as_of;
  if (labelledSince(onset, latest.as_of, rules).length < limits.retrain_after_cutoffs) {
    return { postponed: { onset, due: dueDay(onset, rules), alarm: alarmName, reason } };
  }
  const name = `${driftPrefix}${instantName(new Date(latest.checked_at))}`;
  // The run that this decision starts is not an earlier one: a retry must get as far as the alert, which the first attempt may not
  // have published.
  const driftRuns = earlier.filter((run) => run.name.startsWith(driftPrefix) && run.name !== name);
  const limit = limitReached(driftRuns, limits, now);
  if (limit !== undefined) return { suppressed: limit };
  return {
    start: { name, input: { mode: "train", asOf: latest.as_of, trigger: { type: "drift", actor: alarmName, reason } } },
  };
}

/** The first as-of day on which enough labelled cutoffs lie after the beginning of a drift. */
export function dueDay(onset: string, { monitoring, training, ...timing }: RetrainingRules): string {
  const every = training.cutoff_every_days;
  const wait = daysBetween(onset, labelKnownOn(onset, timing));
  return addDays(onset, (Math.ceil(wait / every) + monitoring.retrain_after_cutoffs - 1) * every);
}

const millisecondsPerHour = 3_600_000;

/** Why no retraining may start now, after these; undefined if one may. */
export function limitReached(
  driftRuns: readonly EarlierRun[],
  limits: PipelineConfig["monitoring"],
  now: Date,
): string | undefined {
  const [last] = [...driftRuns].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  if (last !== undefined) {
    const cooledDownAt = new Date(last.startedAt.getTime() + limits.cooldown_hours * millisecondsPerHour);
    if (now < cooledDownAt) {
      return (
        `the last retraining (${last.name}) started ${last.startedAt.toISOString()}, ` +
        `and the cooldown of ${limits.cooldown_hours} h ends ${cooledDownAt.toISOString()}`
      );
    }
  }
  const month = now.toISOString().slice(0, 7);
  const thisMonth = driftRuns.filter((run) => run.startedAt.toISOString().startsWith(month)).length;
  if (thisMonth >= limits.max_retrains_per_month) {
    return `${thisMonth} retrainings started in ${month}; the pipeline allows ${limits.max_retrains_per_month} a month`;
  }
  return undefined;
}

/** Executions before this instant do not affect any limit. */
export function horizonOf(limits: PipelineConfig["monitoring"], now: Date): Date {
  const monthStart = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  return new Date(Math.min(monthStart, now.getTime() - limits.cooldown_hours * millisecondsPerHour));
}
