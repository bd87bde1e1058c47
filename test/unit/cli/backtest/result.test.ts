import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { renderBacktest } from "../../../../cli/backtest/page";
import { recommend } from "../../../../cli/backtest/recommend";
import { backtestDays } from "../../../../cli/backtest/rows";
import { publish } from "../../../../cli/commands/backtest";
import { type Backtest, type BacktestPolicy, backtest } from "../../../../contracts/backtest";

const metric = (value: number, half = 0.01) => ({ value, low: value - half, high: value + half });

function policy(
  name: BacktestPolicy["name"],
  trainings: number,
  value: number,
  against: number | null,
): BacktestPolicy {
  return {
    name,
    title: name.replace(/^./, (first) => first.toUpperCase()),
    scheduled_trainings: trainings,
    trainings: [
      { as_of: "1997-10-01", reason: "no model serves yet", outcome: "accepted", detail: "40 trees", verdict: [] },
    ],
    versions: 1,
    days: ["1997-10-08", "1997-10-15"].map((as_of) => ({
      as_of,
      version: "1997-10-01",
      rows: 400,
      positives: 260,
      metric: metric(value, 0.05),
      log_loss: 0.6,
    })),
    overall: { metric: metric(value), log_loss: metric(0.6) },
    against_best: against === null ? null : metric(against, 0.004),
    same_as: null,
  };
}

function result(policies: BacktestPolicy[]): Backtest {
  const facts = { policies, metric: "auc" as const, margin: 0.01 };
  return {
    schema: "daybreak-backtest/1",
    pipeline: { name: "cdnow", description: "A <shop>", label: "churned", label_description: "", horizon_days: 28 },
    data: { title: "CDNOW", first_day: "1997-01-01", last_day: "1998-06-30", events: 69_659, left_out: 3 },
    generated_at: "2026-01-31T05:00:00Z",
    seconds: 40,
    ...facts,
    cutoff_every_days: 7,
    first_compared: "1997-10-08",
    last_compared: "1997-10-15",
    incomplete_windows: 25,
    recommendation: recommend(facts),
  };
}

describe("the recommendation", () => {
  const of = (...policies: BacktestPolicy[]) => recommend({ policies, metric: "auc", margin: 0.01 });

  test("is the policy with the fewest trainings if no other is better by more than chance", () => {
    const { policy: chosen, headline, text } = of(policy("never", 0, 0.719, -0.001), policy("weekly", 35, 0.72, null));
    expect(chosen).toBe("never");
    expect(headline).toBe("One training would have been enough: no way to retrain was better by more than chance.");
    expect(text).toContain("Without retraining: AUC 0.719 (0.709 to 0.729), and 0 trainings in the compared time.");
    expect(text).toContain("The best value, 0.720, needs 35 trainings (weekly)");
  });

  test("passes over a policy that is worse by more than chance, and names it", () => {
    const {
      policy: chosen,
      headline,
      text,
    } = of(policy("never", 0, 0.7, -0.02), policy("monthly", 8, 0.719, -0.001), policy("weekly", 35, 0.72, null));
    expect(chosen).toBe("monthly");
    expect(headline).toBe("Retraining every month would have been best.");
    expect(text).toContain("With the policy “monthly”: AUC 0.719");
    expect(text).toContain("Worse by more than chance or by more than the margin of 0.01: never.");
  });

  test("passes over a policy that is worse by more than the margin, although its interval is wide", () => {
    const wide = { ...policy("never", 0, 0.7, -0.02), against_best: { value: -0.02, low: -0.06, high: 0.02 } };
    expect(of(wide, policy("weekly", 35, 0.72, null)).policy).toBe("weekly");
  });

  test("says so where the best policy is also the cheapest", () => {
    const { text } = of(policy("never", 0, 0.72, null), policy("weekly", 35, 0.719, -0.001));
    expect(text).toContain("No policy with more trainings is better by more than chance.");
  });
});

describe("the page", () => {
  test("has every policy, the recommendation and the assumptions, and escapes what comes from outside", () => {
    const shown = result([policy("never", 0, 0.719, -0.001), policy("weekly", 35, 0.72, null)]);
    expect(backtest.parse(shown)).toEqual(shown);
    const page = renderBacktest(shown);
    expect(page).toContain("A &lt;shop&gt;");
    expect(page).toContain(`<h1>${shown.recommendation.headline}</h1>`);
    expect(page).toContain(shown.recommendation.text);
    expect(page).toContain("25 as-of days at the beginning are left out");
    expect(page).toContain("3 lines of the data are left out");
    expect(page).toContain("−0.001 (−0.005 to +0.003)");
    expect(page).not.toContain("NaN");
  });

  test("of days without a figure has a gap, not a zero", () => {
    const gap = policy("never", 0, 0.719, null);
    const first = gap.days[0];
    if (first !== undefined) first.metric = { value: null, low: null, high: null };
    expect(renderBacktest(result([gap]))).not.toContain("NaN");
  });
});

describe("the files", () => {
  test("replace those of the last backtest, and hold nothing of one that was interrupted", () => {
    const home = mkdtempSync(join(tmpdir(), "daybreak-backtest-"));
    try {
      const folder = join(home, "backtest");
      const interrupted = `${folder}-${process.pid}`;
      mkdirSync(interrupted, { recursive: true });
      writeFileSync(join(interrupted, "leftover.txt"), "");
      const { page, facts } = publish(result([policy("never", 0, 0.719, null)]), folder);
      expect(readdirSync(home)).toEqual(["backtest"]);
      expect(
        readdirSync(folder)
          .map((name) => join(folder, name))
          .sort(),
      ).toEqual([facts, page].sort());
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

describe("the as-of days", () => {
  const spec = { features: { window_days: 14 }, training: { cutoff_every_days: 7, incomplete_windows: "drop" } };
  const range = (first: string, last: string) => ({ first: Date.parse(first), last: Date.parse(last) });

  test("go back from the day after the last event, and leave out incomplete windows", () => {
    expect(backtestDays(range("1997-01-01", "1997-02-10"), spec as never)).toEqual({
      days: ["1997-01-21", "1997-01-28", "1997-02-04", "1997-02-11"].filter((day) => day >= "1997-01-15"),
      incompleteWindows: 2,
      lastDay: "1997-02-11",
    });
  });

  test("include incomplete windows if the pipeline keeps them", () => {
    const keeping = { ...spec, training: { ...spec.training, incomplete_windows: "keep" } };
    expect(backtestDays(range("1997-01-01", "1997-02-10"), keeping as never)).toMatchObject({ incompleteWindows: 0 });
  });

  test("are none where the data is shorter than the window", () => {
    expect(backtestDays(range("1997-01-01", "1997-01-10"), spec as never).days).toEqual([]);
  });
});
