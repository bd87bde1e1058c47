import { describe, expect, it } from "@jest/globals";
import { dawnTimes } from "../../infra/pipeline/dawn";

const at = (train: "daily" | "weekly" | "monthly" | "never", time = "05:30") =>
  dawnTimes({ time, time_zone: "Europe/Berlin", train });

describe("dawnTimes", () => {
  it("schedules only training runs if training is daily, as they compute features too", () => {
    expect(at("daily")).toEqual([{ mode: "train", expression: "cron(30 5 * * ? *)" }]);
  });

  it("trains on Mondays and computes features on the other days if training is weekly", () => {
    expect(at("weekly")).toEqual([
      { mode: "features", expression: "cron(30 5 ? * SUN,TUE,WED,THU,FRI,SAT *)" },
      { mode: "train", expression: "cron(30 5 ? * MON *)" },
    ]);
  });

  it("trains on the first of the month and computes features on the other days if training is monthly", () => {
    expect(at("monthly")).toEqual([
      { mode: "features", expression: "cron(30 5 2-31 * ? *)" },
      { mode: "train", expression: "cron(30 5 1 * ? *)" },
    ]);
  });

  it("only computes features if training is never scheduled", () => {
    expect(at("never", "00:05")).toEqual([{ mode: "features", expression: "cron(5 0 * * ? *)" }]);
  });
});
