/** The schedule of a pipeline's runs. */
import type { PipelineSpec } from "../../spec/pipeline";

export interface DawnTime {
  mode: "features" | "train";
  /** EventBridge Scheduler cron expression, in the pipeline's time zone. */
  expression: string;
}

/** Day fields of the cron expressions: the days with a training run, and the days with a features run. */
const days = {
  daily: { train: "* * ? *" },
  // A list, because EventBridge weeks begin on SUN: the range TUE-SUN would end before it starts.
  weekly: { train: "? * MON *", features: "? * SUN,TUE,WED,THU,FRI,SAT *" },
  monthly: { train: "1 * ? *", features: "2-31 * ? *" },
  never: { features: "* * ? *" },
} as const;

/**
 * The scheduled runs of a pipeline. Each day has exactly one run: a training run computes the day's features as well.
 */
export function dawnTimes({ time, train }: PipelineSpec["schedule"]): DawnTime[] {
  const [hour, minute] = time.split(":").map(Number);
  const chosen: Partial<Record<DawnTime["mode"], string>> = days[train];
  return (["features", "train"] as const).flatMap((mode) => {
    const onDays = chosen[mode];
    return onDays === undefined ? [] : [{ mode, expression: `cron(${minute} ${hour} ${onDays})` }];
  });
}
