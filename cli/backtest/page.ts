/** The page of a backtest, made from its result alone. */
import type { Backtest, BacktestPolicy, BacktestTraining, Estimate, ScoredDay } from "../../contracts/backtest";
import { dayOf, timeOfDay } from "../demo/timeline";
import { type Line, lineChart, type Point } from "../report/charts/lines";
import { apart } from "../report/charts/scale";
import { counted, longDay, metric, moment, percent, sentence, whole } from "../report/format";
import { html, type Markup, type Value } from "../report/html";
import { document } from "../report/page";
import { badge, figure, section, type Tone } from "../report/parts/section";
import { table } from "../report/parts/table";
import { duration } from "../shared/output";

const metricName = ({ metric: name }: Pick<Backtest, "metric">) => (name === "auc" ? "AUC" : "F1");
/** The distance of the dates on the axis, as a share of its length. */
const dateGap = { wide: 0.2, narrow: 0.45 };
/** How many policies have a colour of their own. */
const colours = 4;

function bounds({ low, high }: Estimate): string {
  return low === null || high === null ? "–" : `${metric(low)} to ${metric(high)}`;
}

function signed(value: number | null): string {
  const text = metric(value);
  return value !== null && value > 0 && Number(text) > 0 ? `+${text}` : text;
}

const distinct = ({ policies }: Backtest) => policies.filter(({ same_as }) => same_as === null);

const namesOf = ({ policies }: Backtest, one: BacktestPolicy) =>
  [one, ...policies.filter(({ same_as }) => same_as === one.name)].map(({ title }) => title.toLowerCase()).join(", ");

function comparison(result: Backtest): Markup {
  const name = metricName(result);
  return table<BacktestPolicy>({
    caption: "The policies on the same days and rows",
    columns: [
      {
        head: "Policy",
        lead: true,
        cell: ({ title, name: policy }) =>
          html`${title} ${policy === result.recommendation.policy && badge("recommended", "good")}`,
      },
      { head: "Trainings", number: true, cell: ({ scheduled_trainings }) => whole(scheduled_trainings) },
      { head: "Models that served", number: true, cell: ({ versions }) => whole(versions) },
      { head: name, number: true, cell: ({ overall }) => metric(overall.metric.value) },
      { head: "95 % interval", fixed: true, cell: ({ overall }) => bounds(overall.metric) },
      { head: "Log loss", number: true, cell: ({ overall }) => metric(overall.log_loss.value) },
      {
        head: "Against the best",
        fixed: true,
        cell: ({ against_best: difference }) =>
          difference === null
            ? "the best"
            : `${signed(difference.value)} (${signed(difference.low)} to ${signed(difference.high)})`,
      },
    ],
    rows: result.policies,
  });
}

interface Axis {
  x: readonly [number, number];
  y: readonly [number, number];
  ticks: { at: number; label: string; wideOnly: boolean }[];
}

function axisOf(result: Backtest): Axis {
  const [first, last] = [timeOfDay(result.first_compared), timeOfDay(result.last_compared)];
  const values = result.policies.flatMap(({ days }) =>
    days.flatMap((day) => [day.metric.low, day.metric.high].filter((value) => value !== null)),
  );
  const days = distinct(result)[0]?.days.map(({ as_of }) => timeOfDay(as_of)) ?? [];
  const span = Math.max(1, last - first);
  const wide = apart([first, last, ...days], span * dateGap.wide);
  const narrow = new Set(apart(wide, span * dateGap.narrow));
  return {
    x: [first, Math.max(last, first + 1)],
    y: [Math.min(...values), Math.max(...values)],
    ticks: wide.map((at) => ({
      at,
      label: longDay(dayOf(at)),
      wideOnly: !narrow.has(at),
    })),
  };
}

function points(days: readonly ScoredDay[], of: (day: ScoredDay) => number | null): (Point | undefined)[] {
  return days.map((day) => {
    const value = of(day);
    return value === null ? undefined : [timeOfDay(day.as_of), value];
  });
}

function together(result: Backtest, axis: Axis): Markup {
  const name = metricName(result);
  const lines = distinct(result).map(
    (one, position): Line => ({
      name: namesOf(result, one),
      kind: position < colours ? `s${position + 1}` : "rest",
      dots: true,
      label: namesOf(result, one),
      points: points(one.days, (day) => day.metric.value),
    }),
  );
  return figure(
    `${name} of each policy’s model by as-of day`,
    lineChart({
      label: `${name} by as-of day for ${counted(lines.length, "different course")}; the table above has the means`,
      ...{ xLabel: "as of", yLabel: name, x: axis.x, y: axis.y, xTicks: axis.ticks, lines },
      describe: (line, [day, value]) => `${line.name}, ${longDay(dayOf(day))}: ${metric(value)}`,
    }),
    "Policies with the same model on every day share a line. Days differ by chance alone; the intervals are below.",
  );
}

/** One policy with its intervals, and where its models were replaced. */
function alone(result: Backtest, one: BacktestPolicy, axis: Axis): Markup {
  const replaced = one.days.filter((day, position) => position > 0 && day.version !== one.days[position - 1]?.version);
  const lines: Line[] = [
    { name: "lower bound", kind: "guide", points: points(one.days, (day) => day.metric.low) },
    { name: "upper bound", kind: "guide", points: points(one.days, (day) => day.metric.high) },
    { name: metricName(result), kind: "m1", points: points(one.days, (day) => day.metric.value) },
  ];
  return figure(
    namesOf(result, one).replace(/^./, (first) => first.toUpperCase()),
    lineChart({
      label: `${metricName(result)} with its 95 % interval by as-of day`,
      ...{ xLabel: "as of", yLabel: metricName(result), x: axis.x, y: axis.y, lines },
      xTicks: axis.ticks.filter(({ wideOnly }) => !wideOnly),
      marks: replaced.length > 12 ? [] : replaced.map(({ as_of }) => ({ at: timeOfDay(as_of), label: "" })),
    }),
    replaced.length === 0
      ? "One model served all the time."
      : `${counted(replaced.length, "replacement")} of the model${replaced.length > 12 ? "" : ", each at a dashed line"}.`,
  );
}

const outcomes: Readonly<Record<BacktestTraining["outcome"], readonly [string, Tone]>> = {
  accepted: ["accepted", "good"],
  refused: ["refused", "warn"],
  not_enough_history: ["not enough history", "soft"],
};

function trainings({ title, trainings: made }: BacktestPolicy): Markup {
  return html`<details><summary>${title}: ${counted(made.length, "training")}</summary>${table<BacktestTraining>({
    caption: `Trainings of the policy “${title.toLowerCase()}” at the as-of days`,
    columns: [
      { head: "As of", fixed: true, cell: ({ as_of }) => longDay(as_of) },
      { head: "Outcome", lead: true, cell: ({ outcome }) => badge(...outcomes[outcome]) },
      { head: "Why", cell: ({ reason }) => sentence(reason) },
      { head: "What decided", cell: ({ detail }) => sentence(detail) },
    ],
    rows: made,
  })}</details>`;
}

function assumptions(result: Backtest): Markup {
  const { pipeline, cutoff_every_days: every, incomplete_windows: incomplete, data } = result;
  const points: Value[] = [
    `The replay has an as-of day every ${every} days (training.cutoff_every_days). Trainings that a policy would start between two of them are counted, and not computed: on the as-of days they would give the same models.`,
    `As in the daily run, a day’s rows are scored before a model is trained: a model serves from the next as-of day on. Whatever passes the gate counts as approved.`,
    `A training uses only labels that were known on its day: ${pipeline.horizon_days} days of outcomes and the time in which events may arrive late had passed. Every event counts as arrived when it happened.`,
    "Drift or a broken promise of quality starts a training once enough as-of days since its beginning have a known label (monitoring.retrain_after_cutoffs). Neither starts a second one while its alarm goes on.",
    incomplete > 0 &&
      `${counted(incomplete, "as-of day")} at the beginning ${incomplete === 1 ? "is" : "are"} left out: their window reaches before the first event.`,
    data.left_out > 0 &&
      `${counted(data.left_out, "line")} of the data ${data.left_out === 1 ? "is" : "are"} left out: the transform and quality rules would not publish them.`,
    "The past need not repeat itself, and acting on the scores (a coupon, a call) changes what happens.",
  ];
  return html`<ul>${points.filter(Boolean).map((point) => html`<li>${point}</li>`)}</ul>`;
}

/** The whole page as HTML. */
export function renderBacktest(result: Backtest): string {
  const { pipeline, data, recommendation } = result;
  const axis = axisOf(result);
  const chosen = result.policies.find(({ name }) => name === recommendation.policy);
  const days = chosen?.days ?? [];
  const rows = days.reduce((sum, day) => sum + day.rows, 0);
  const positives = days.reduce((sum, day) => sum + day.positives, 0);
  const top = html`<header>
  <p class="brand"><span class="sun" aria-hidden="true"></span>Daybreak <bdi class="quiet">${pipeline.name}</bdi>${badge("backtest", "blue")}</p>
  <h1>${recommendation.headline}</h1>
  <p class="lead">${recommendation.text}</p>
  <p class="lead">${sentence(pipeline.description)} Data: ${data.title}, ${longDay(data.first_day)} to ${longDay(data.last_day)}. Compared on ${counted(days.length, "as-of day")}, ${longDay(result.first_compared)} to ${longDay(result.last_compared)}: ${counted(rows, "row")}, ${percent(positives / Math.max(1, rows))} with ${pipeline.label} = 1.</p>
</header>`;
  const content = html`${section("policies", "Policies", comparison(result), together(result, axis))}
${section(
  "intervals",
  "With intervals",
  html`<p class="quiet">Solid: the day’s ${metricName(result)}. Dashed: its 95 % interval, from resampled entities.</p>
  <div class="charts two">${distinct(result).map((one) => alone(result, one, axis))}</div>`,
)}
${section("trainings", "Trainings", result.policies.map(trainings))}
${section("assumptions", "What this assumes", assumptions(result))}`;
  const footer = html`Generated ${moment(result.generated_at)} by Daybreak in ${duration(result.seconds)}. The same facts for programs: backtest.json (${result.schema}).`;
  return document(`Daybreak · backtest of ${pipeline.name}`, top, content, footer).toString();
}
