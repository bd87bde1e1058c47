/** The course of one policy over the as-of days of a backtest: when it trains, and which model serves on each day. */
import type { BacktestTraining, JudgedAlarm, JudgedTraining, JudgedVerdict } from "../../contracts/backtest";
import { type EarlierRun, limitReached, type RetrainingRules } from "../../lambdas/monitor-retrain/core";
import { labelledSince } from "../../lambdas/run-plan/core";
import { type Policy, scheduledBetween } from "./policies";

/** A day and the model that scored its rows, named by the as-of day of its training. */
export interface Served {
  as_of: string;
  version: string;
}

/** Trains, compares and watches models; the same question always has the same answer, so answers may be kept. */
export interface Judge {
  /** Trains a model as of a day. */
  train(day: string): Promise<JudgedTraining>;
  /** The gate's verdict about the model of a day; `champion` serves on that day, and `floor` is the best so far if that is another one. */
  gate(day: string, champion: string | undefined, floor: string | undefined): Promise<JudgedVerdict>;
  /** Whether the rows of a day have drifted from those on which a version was trained. */
  drift(version: string, day: string): Promise<JudgedAlarm>;
  /** Whether the served scores whose labels are known on a day are worse than the versions promised. */
  quality(day: string, served: readonly Served[]): Promise<JudgedAlarm>;
}

export interface Course {
  trainings: BacktestTraining[];
  scheduledTrainings: number;
  served: Served[];
}

/**
 * Follows a policy over the days, in their order.
 *
 * As in the daily run, a day's rows are scored before a model is trained: the model that is trained on a day serves from the
 * next one on. Until a first model is accepted, every policy trains on each day. An accepted model counts as approved.
 */
export async function follow(
  policy: Policy,
  days: readonly string[],
  judge: Judge,
  rules: RetrainingRules,
  onDay: (day: string) => void = () => undefined,
): Promise<Course> {
  const course: Course = { trainings: [], scheduledTrainings: 0, served: [] };
  const alarm = policy.alarm === undefined ? undefined : new Alarm(policy.alarm, judge, rules);
  let champion: string | undefined;
  let floor: string | undefined;
  let before: string | undefined;
  for (const day of days) {
    onDay(day);
    let reason: string | undefined;
    if (champion === undefined || before === undefined) {
      reason = "no model serves yet";
    } else {
      course.served.push({ as_of: day, version: champion });
      const scheduled = scheduledBetween(policy, before, day);
      reason = alarm === undefined ? (scheduled > 0 ? "scheduled" : undefined) : await alarm.check(day, course.served);
      course.scheduledTrainings += alarm === undefined ? scheduled : Number(reason !== undefined);
    }
    if (reason !== undefined) {
      const { training, best } = await train(day, champion, floor, reason, judge);
      course.trainings.push(training);
      if (training.outcome === "accepted") {
        champion = day;
        floor = best === day ? undefined : best;
      }
    }
    before = day;
  }
  return course;
}

/** An episode in which every check of a version alarmed, and the training that it starts. */
interface Episode {
  version: string;
  /** The first day of what the alarm reports. */
  onset: string;
  reason: string;
  trained: boolean;
}

/** The alarm of a policy. As in the cloud, it starts one training an episode, once labels can teach what has changed. */
class Alarm {
  #episode: Episode | undefined;
  readonly #started: EarlierRun[] = [];

  constructor(
    private readonly kind: "drift" | "quality",
    private readonly judge: Judge,
    private readonly rules: RetrainingRules,
  ) {}

  /** Checks a day; returns the reason if a training starts on it. */
  async check(day: string, served: readonly Served[]): Promise<string | undefined> {
    const version = served.at(-1)?.version ?? "";
    const { alarm, reason, onset } =
      this.kind === "drift" ? await this.judge.drift(version, day) : await this.judge.quality(day, served);
    const episode = this.#episodeOf(version, onset ?? day, alarm, reason);
    if (episode === undefined || episode.trained || !this.#canTeach(episode, day)) return undefined;
    const now = new Date(`${day}T00:00:00Z`);
    if (limitReached(this.#started, this.rules.monitoring, now) !== undefined) return undefined;
    episode.trained = true;
    this.#started.push({ name: day, startedAt: now });
    return episode.reason;
  }

  /** A training that waits for labels goes on to wait after the alarm has recovered. */
  #episodeOf(version: string, onset: string, alarm: boolean, reason: string): Episode | undefined {
    const goesOn = this.#episode?.version === version && (alarm || !this.#episode.trained);
    if (!goesOn) this.#episode = alarm ? { version, onset, reason, trained: false } : undefined;
    return this.#episode;
  }

  #canTeach({ onset }: Episode, day: string): boolean {
    return labelledSince(onset, day, this.rules).length >= this.rules.monitoring.retrain_after_cutoffs;
  }
}

async function train(
  day: string,
  champion: string | undefined,
  floor: string | undefined,
  reason: string,
  judge: Judge,
): Promise<{ training: BacktestTraining; best?: string }> {
  const trained = await judge.train(day);
  if (trained.outcome !== "trained") {
    return { training: { as_of: day, reason, ...trained, outcome: trained.outcome, verdict: [] } };
  }
  const { passed, verdict, best } = await judge.gate(day, champion, floor);
  const failed = verdict.filter((rule) => !rule.passed).map(({ rule }) => rule);
  const detail = passed ? trained.detail : `failed: ${failed.join(", ")}`;
  return { training: { as_of: day, reason, outcome: passed ? "accepted" : "refused", detail, verdict }, best };
}
