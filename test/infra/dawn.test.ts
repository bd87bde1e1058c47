import { describe, expect, it } from "@jest/globals";
import { dawnTimes } from "../../infra/pipeline/dawn";

const at = (train: "daily" | "weekly" | "monthly" | "never", time = "05:30") =>
  dawnTimes({ time, time_zone: "Europe/Berlin", train });

describe("dawnTimes", () => {
  it("trains every day, and then makes no features apart", () => {
    expect(at("daily")).toEqual([{ mode: "train", expression: "cron(30 5 * * ? *)" }]);
  });

  it("trains on Mondays and makes features on the other days", () => {
    expect(at("weekly")).toEqual([
      { mode: "features", expression: "cron(30 5 ? * SUN,TUE,WED,THU,FRI,SAT *)" },
      { mode: "train", expression: "cron(30 5 ? * MON *)" },
    ]);
  });

  it("trains on the first of a month and makes features on the other days", () => {
    expect(at("monthly")).toEqual([
      { mode: "features", expression: "cron(30 5 2-31 * ? *)" },
      { mode: "train", expression: "cron(30 5 1 * ? *)" },
    ]);
  });

  it("makes features only where training is never", () => {
    expect(at("never", "00:05")).toEqual([{ mode: "features", expression: "cron(5 0 * * ? *)" }]);
  });
});
