/** Figures and findings as the report writes them. */
import type { DriftSummary, ModelSummary } from "../../contracts/summary";
import { retrainingCause, type Trigger } from "../../contracts/values";
import { html, type Markup } from "./html";

export const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
export const percent = (value: number, digits = 1): string => `${(100 * value).toFixed(digits)} %`;
/** A metric or a difference of two: three digits, never -0.000. */
export const metric = (value: number | null | undefined): string =>
  value == null
    ? "–"
    : value
        .toFixed(3)
        .replace(/^-(0\.0+)$/, "$1")
        .replace("-", "−");
export const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`;

/** The entry of a name that comes from outside: a feature may be called `constructor`. */
export const entryOf = <Entry>(record: Readonly<Record<string, Entry>>, name: string): Entry | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

export const capital = (text: string): string => text.replace(/^./u, (first) => first.toUpperCase());

/** A count with its noun: 1 check, 2 checks. */
export const counted = (value: number, noun: string): string => `${whole(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Seconds as a stop watch shows them: 3:07. */
export function clockTime(seconds: number): string {
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, "0")}`;
}

const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 1997-08-04 as 4 Aug 1997. */
export function longDay(day: string): string {
  const [year, number, date] = day.split("-").map(Number);
  return `${date} ${month[(number ?? 1) - 1]} ${year}`;
}

/** 1997-08-04 as 4 Aug. */
export const shortDay = (day: string): string => longDay(day).replace(/ \d+$/, "");

/** The time of day of an instant, in UTC. */
export const clock = (instant: string): string => new Date(instant).toISOString().slice(11, 19);

/** An instant to the second, in UTC. */
export const moment = (instant: string): string =>
  `${new Date(instant).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** model_version_2 as "model version 2". */
export const words = (name: string): string => name.replaceAll("_", " ");

/** A name from outside, as it is: it may be long, or read from right to left. It may be broken after an underscore. */
export function name(text: string): Markup {
  return html`<bdi>${text.split(/(?<=_)/).map((part, position) => [position > 0 && html`<wbr>`, part])}</bdi>`;
}

/** A text from outside as one sentence at least: with a full stop, unless it ends with a mark of its own. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?…:。؟।][)"'”’]*$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** A model as the page names it. */
export const modelName = ({ version }: Pick<ModelSummary, "version">): string =>
  version === null ? "refused model" : `v${version}`;

/** Who or what started a run. */
export function triggerText({ type, actor }: Trigger): string {
  return isRetraining({ type }) ? `${type} alarm` : `${type} (${actor})`;
}

/** Whether an alarm started a run. */
export const isRetraining = ({ type }: Pick<Trigger, "type">): boolean =>
  retrainingCause.options.some((cause) => cause === type);

/** The consequence of a drift check, in words; empty where there was no drift. */
export function consequenceText({ outcome, reason }: DriftSummary["consequence"]): string {
  switch (outcome) {
    case "none":
      return "";
    case "retraining-started":
      return "the alarm started a retraining";
    case "retraining-postponed":
      return `the retraining waits: ${reason ?? "no reason was given"}`;
    case "retraining-suppressed":
      return `no retraining: ${reason ?? "no reason was given"}`;
    case "alarm-unchanged":
      return "no retraining: the alarm was already on, and only a change of its state starts one";
    case "no-alarm":
      return "no retraining: the alarm did not fire";
    case "no-answer":
      return "the alarm fired, but neither a retraining nor a reason for not retraining followed";
  }
}
