/** The plain recommendation of a backtest: the policy with the fewest trainings that is not worse than the best one. */
import type { Backtest, BacktestPolicy, Estimate } from "../../contracts/backtest";
import { metric as figure } from "../report/format";

type Recommended = Backtest["recommendation"];

const interval = ({ low, high }: Estimate) => `${figure(low)} to ${figure(high)}`;

/** What the data say, as the answer to "when should it have retrained?". */
const headlines: Readonly<Record<BacktestPolicy["name"], string>> = {
  never: "One training would have been enough: no way to retrain was better by more than chance.",
  monthly: "Retraining every month would have been best.",
  weekly: "Retraining every week would have been best.",
  daily: "Retraining every day would have been best.",
  "on-drift": "Retraining when the customers change would have been best.",
  "on-quality": "Retraining when the model gets worse would have been best.",
};

const trainingsOf = ({ scheduled_trainings }: BacktestPolicy): number => scheduled_trainings;

/** Whether a policy may be worse than the best one by more than the margin, as far as the data can tell. */
function isWorse({ against_best: difference }: BacktestPolicy, margin: number): boolean {
  return difference !== null && (difference.high === null || difference.high < 0 || (difference.value ?? 0) < -margin);
}

/**
 * Recommends the policy with the fewest trainings among those that are not worse than the best one: their difference is
 * neither beyond chance (its interval lies below 0) nor larger than the pipeline's margin.
 */
export function recommend({ policies, metric, margin }: Pick<Backtest, "policies" | "metric" | "margin">): Recommended {
  const good = policies.filter((policy) => !isWorse(policy, margin));
  const [chosen, ...others] = [...good].sort((one, other) => trainingsOf(one) - trainingsOf(other));
  if (chosen === undefined) throw new Error("a backtest has a best policy");
  const name = metric === "auc" ? "AUC" : "F1";
  const best = policies.find(({ against_best: difference }) => difference === null) ?? chosen;
  const trainings = `${trainingsOf(chosen)} training${trainingsOf(chosen) === 1 ? "" : "s"}`;
  const quality = `${name} ${figure(chosen.overall.metric.value)} (${interval(chosen.overall.metric)})`;
  const worse = policies.filter((policy) => isWorse(policy, margin)).map(({ title }) => title.toLowerCase());
  const policy = chosen.name === "never" ? "Without retraining" : `With the policy “${chosen.title.toLowerCase()}”`;
  const sentences = [`${policy}: ${quality}, and ${trainings} in the compared time.`];
  if (chosen.against_best !== null) {
    sentences.push(
      `The best value, ${figure(best.overall.metric.value)}, needs ${trainingsOf(best)} trainings (${best.title.toLowerCase()}); ` +
        `the difference of ${figure(Math.abs(chosen.against_best.value ?? 0))} (${interval(chosen.against_best)}) is not beyond chance.`,
    );
  } else if (others.length > 0) {
    sentences.push("No policy with more trainings is better by more than chance.");
  }
  if (worse.length > 0)
    sentences.push(`Worse by more than chance or by more than the margin of ${margin}: ${worse.join(", ")}.`);
  return { policy: chosen.name, headline: headlines[chosen.name], text: sentences.join(" ") };
}
