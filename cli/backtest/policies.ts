/** When each policy trains a model. */
import type { PolicyName } from "../../contracts/backtest";
import { addDays } from "../../lambdas/shared/days";

export interface Policy {
  name: PolicyName;
  title: string;
  /** Whether a training is scheduled on a day; undefined where an alarm decides. */
  isScheduled?: (day: string) => boolean;
  /** The alarm that starts a training. */
  alarm?: "drift" | "quality";
}

const weekday = (day: string) => new Date(`${day}T00:00:00Z`).getUTCDay();

/** The policies, from the fewest trainings to the most; the two that wait for an alarm are last. */
export const policies: readonly Policy[] = [
  { name: "never", title: "Never", isScheduled: () => false },
  { name: "monthly", title: "Monthly", isScheduled: (day) => day.endsWith("-01") },
  { name: "weekly", title: "Weekly", isScheduled: (day) => weekday(day) === 1 },
  { name: "daily", title: "Daily", isScheduled: () => true },
  { name: "on-drift", title: "On drift", alarm: "drift" },
  { name: "on-quality", title: "On quality", alarm: "quality" },
];

/** The number of scheduled trainings after one day and up to another. */
export function scheduledBetween({ isScheduled }: Policy, after: string, upTo: string): number {
  if (isScheduled === undefined) return 0;
  let scheduled = 0;
  for (let day = addDays(after, 1); day <= upTo; day = addDays(day, 1)) if (isScheduled(day)) scheduled += 1;
  return scheduled;
}
