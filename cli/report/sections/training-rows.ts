/** Why two models were trained on different numbers of rows: as-of days, and rows of an as-of day. */
import type { ModelSummary, Summary } from "../../../contracts/summary";
import { counted, longDay, modelName, whole } from "../format";
import { html, type Markup } from "../html";

interface TrainingRows {
  model: ModelSummary;
  rows: number;
  days: readonly string[];
  /** Rows of an as-of day on average. */
  ofDay: number;
}

function trainingRows(model: ModelSummary): TrainingRows[] {
  const [rows, days] = [model.rows.train ?? 0, model.as_of_days.train ?? []];
  return rows === 0 || days.length === 0 ? [] : [{ model, rows, days, ofDay: rows / days.length }];
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${whole(Math.abs(value))}`;

const described = ({ days, ofDay }: TrainingRows): string =>
  `${counted(days.length, "as-of day")} (${longDay(days[0] ?? "")} to ${longDay(days.at(-1) ?? "")}) with ${whole(ofDay)} rows each on average`;

/** The newest model beside the one before it; nothing if there is only one. */
export function differentRows(models: readonly ModelSummary[], runs: Summary["runs"]): Markup | false {
  const [before, now] = models.flatMap(trainingRows).slice(-2);
  if (before === undefined || now === undefined) return false;
  const [own, other] = [modelName(now.model), modelName(before.model)];
  const change = now.rows - before.rows;
  // The sum of both is the change: d₂r₂ − d₁r₁ = (d₂ − d₁)r₁ + d₂(r₂ − r₁).
  const byDays = Math.round((now.days.length - before.days.length) * before.ofDay);
  const leftOut = ({ model }: TrainingRows) =>
    runs.find(({ run_id }) => run_id === model.run_id)?.incomplete_windows ?? 0;
  const incomplete = [now, before].filter((one) => leftOut(one) > 0);
  const windows = incomplete
    .map((one) => `${counted(leftOut(one), "as-of day")} of ${modelName(one.model)}`)
    .join(" and ");
  const than = change === 0 ? "as many" : change < 0 ? "fewer" : "more";
  return html`<h3>Why does ${own} have ${than} training rows${change === 0 ? ` as ${other}` : ` than ${other}`}?</h3>
  <p>${own} was trained on ${whole(now.rows)} rows: ${described(now)}. ${other} was trained on ${whole(before.rows)}: ${described(before)}. Of the difference of ${signed(change)} rows, ${signed(byDays)} come from the number of as-of days and ${signed(change - byDays)} from the number of rows that features.sql returns for an as-of day.${windows !== "" && ` Left out, because their window begins before the first event: ${windows}.`}</p>`;
}
