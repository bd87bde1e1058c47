/** Decides whether an alarm of drift or quality starts a retraining, and if not, why. */
import * as z from "zod/mini";
import type { PostponedRetraining } from "../../contracts/drift-report";
import type { RunInput } from "../../contracts/run-execution";
import { type RetrainingCause, retrainingCause } from "../../contracts/values";
import type { PipelineConfig, PipelineSpec } from "../../spec/pipeline";
import { labelKnownOn, labelledSince } from "../run-plan/core";
import { addDays, daysBetween } from "../shared/days";
import { instantName } from "../shared/names";
import type { Finding } from "./finding";

/** EventBridge's "CloudWatch Alarm State Change". */
export const alarmEvent = z.object({
  detail: z.object({
    alarmName: z.string(),
    state: z.object({ value: z.string(), reason: z.optional(z.string()), timestamp: z.optional(z.string()) }),
  }),
});
export type AlarmEvent = z.infer<typeof alarmEvent>;

/** The name of an execution that an alarm started begins with the alarm's cause, and goes on with its as-of day. */
const isRetraining = ({ name }: EarlierRun): boolean =>
  retrainingCause.options.some((cause) => name.startsWith(`${cause}-`));
const nameStart = (cause: RetrainingCause, asOf: string): string => `${cause}-${asOf.replaceAll("-", "")}-`;

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
 * Whether to retrain: the newest check must have found drift or a broken promise, enough labelled cutoffs must lie after its
 * beginning, the cooldown since the last retraining must be over, and this calendar month (UTC) must have fewer retrainings than
 * allowed, whatever their cause. A retraining that waits for labels uses up neither cooldown nor month.
 */
export function decide(
  event: AlarmEvent,
  cause: RetrainingCause,
  latest: Finding | undefined,
  earlier: readonly EarlierRun[],
  rules: RetrainingRules,
  now: Date,
): Decision {
  const limits = rules.monitoring;
  const { alarmName, state } = event.detail;
  if (state.value !== "ALARM") return { repeat: `${alarmName} changed to ${state.value}` };
  if (latest === undefined) return { suppressed: `no ${cause} check has been made yet` };
  if (!latest.isBad) {
    return { suppressed: `the latest ${cause} check (${latest.checkedAt}) has the status ${latest.status}` };
  }
  const reason = latest.reason ?? state.reason ?? cause;
  const { onset, asOf } = latest;
  if (labelledSince(onset, asOf, rules).length < limits.retrain_after_cutoffs) {
    return { postponed: { cause, onset, due: dueDay(onset, rules), alarm: alarmName, reason } };
  }
  // Drift and a broken promise of one day need one training, whichever alarm comes first.
  const others = retrainingCause.options.filter((other) => other !== cause).map((other) => nameStart(other, asOf));
  const sibling = earlier.find((run) => others.some((start) => run.name.startsWith(start)));
  if (sibling !== undefined) {
    return { suppressed: `the training ${sibling.name} has started as of the same day, and serves this alarm, too` };
  }
  const name = `${nameStart(cause, asOf)}${instantName(new Date(latest.checkedAt))}`;
  // The run that this decision starts is not an earlier one: a retry must get as far as the alert, which the first attempt may not
  // have published.
  const limit = limitReached(
    earlier.filter((run) => isRetraining(run) && run.name !== name),
    limits,
    now,
  );
  if (limit !== undefined) return { suppressed: limit };
  return {
    start: { name, input: { mode: "train", asOf, trigger: { type: cause, actor: alarmName, reason } } },
  };
}

/** The first as-of day on which enough labelled cutoffs lie after the beginning of what an alarm reports. */
export function dueDay(onset: string, { monitoring, training, ...timing }: RetrainingRules): string {
  const every = training.cutoff_every_days;
  const wait = daysBetween(onset, labelKnownOn(onset, timing));
  return addDays(onset, (Math.ceil(wait / every) + monitoring.retrain_after_cutoffs - 1) * every);
}

const millisecondsPerHour = 3_600_000;

/** Why no retraining may start now, after these; undefined if one may. */
export function limitReached(
  retrainings: readonly EarlierRun[],
  limits: PipelineConfig["monitoring"],
  now: Date,
): string | undefined {
  const [last] = [...retrainings].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
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
  const thisMonth = retrainings.filter((run) => run.startedAt.toISOString().startsWith(month)).length;
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
