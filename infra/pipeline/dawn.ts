/** When a pipeline's runs start by themselves. */
import type { PipelineSpec } from "../../spec/pipeline";

export interface DawnTime {
  mode: "features" | "train";
  /** For EventBridge Scheduler, in the pipeline's time zone. */
  expression: string;
}

/** The days of a schedule: those that train, and the others. */
const days = {
  daily: { train: "* * ? *" },
  // Names of days in a list: a range from TUE to SUN would begin after its end, since a week begins with SUN here.
  weekly: { train: "? * MON *", features: "? * SUN,TUE,WED,THU,FRI,SAT *" },
  monthly: { train: "1 * ? *", features: "2-31 * ? *" },
  never: { features: "* * ? *" },
} as const;

/**
 * The dawn runs of a pipeline. A run that trains makes the day's features on its way, so each day has one run: it trains or it
 * does not.
 */
export function dawnTimes({ time, train }: PipelineSpec["schedule"]): DawnTime[] {
  const [hour, minute] = time.split(":").map(Number);
  const chosen: Partial<Record<DawnTime["mode"], string>> = days[train];
  return (["features", "train"] as const).flatMap((mode) => {
    const onDays = chosen[mode];
    return onDays === undefined ? [] : [{ mode, expression: `cron(${minute} ${hour} ${onDays})` }];
  });
}
