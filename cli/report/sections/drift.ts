/** Drift of each scored day against the baseline of the serving version. */
import type { MeasuredDrift } from "../../../contracts/score-drift";
import type { DriftSummary, Summary } from "../../../contracts/summary";
import { type HeatColumn, type HeatRow, heatmap } from "../charts/heatmap";
import { histogram, largestChange } from "../charts/histogram";
import { lineChart } from "../charts/lines";
import { apart } from "../charts/scale";
import { consequenceText, counted, entryOf, longDay, name, sentence, whole } from "../format";
import { html, type Markup } from "../html";
import { badge, figure, section, type Tone } from "../parts/section";
import { table } from "../parts/table";

/** How many features have a colour and a label; the others are grey. */
const namedFeatures = 4;
/** More checks than these are folded away: the newest, and those that found drift, are shown. */
const shownChecks = 12;
/** With more checks than this, only the named features have dots. */
const mostSmallDots = 15;
/** A line continues across a pause of up to this many times the usual one. */
const longPause = 1.5;
/** The distance of the dates on the axis, as a share of its length. */
const dateGap = { wide: 0.15, narrow: 0.4 };

const time = (day: string) => Date.parse(`${day}T00:00:00Z`);
const versionText = ({ version }: Pick<DriftSummary, "version">) => (version === null ? "no version" : `v${version}`);
const isMeasured = ({ status }: DriftSummary) => status !== "skipped";

/** The strength of a feature's drift; undefined if the version does not use it, and so cannot drift by it. */
function strengthOf({ features }: DriftSummary, feature: string): number | undefined {
  const found = entryOf(features, feature);
  return found === undefined || found.importance === 0 ? undefined : found.strength;
}

function highest(checks: readonly DriftSummary[], feature: string): number {
  return Math.max(0, ...checks.map((check) => strengthOf(check, feature) ?? 0));
}

/**
 * Whether a line is interrupted before each check: it is if another version serves, which has its own baseline, and after a
 * much longer time than usual without a measurement.
 */
function interruptions(drift: readonly DriftSummary[]): boolean[] {
  const distances = drift.map(({ as_of }, position) => time(as_of) - time(drift[position - 1]?.as_of ?? as_of));
  const sorted = distances.slice(1).sort((one, other) => one - other);
  const usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return drift.map(({ version }, position) => {
    const before = drift[position - 1];
    return before !== undefined && (before.version !== version || (distances[position] ?? 0) > longPause * usual);
  });
}

function overTime({ drift }: Summary, names: readonly string[]): Markup {
  const days = drift.map(({ as_of }) => time(as_of));
  const measured = drift.filter(isMeasured);
  const top = Math.max(1.25, ...names.map((feature) => highest(measured, feature)));
  const interrupted = interruptions(drift);
  const lines = [...names].reverse().map((feature) => {
    const rank = names.indexOf(feature);
    const points = drift.flatMap((check, position) => {
      const strength = strengthOf(check, feature);
      const point = strength === undefined ? undefined : ([time(check.as_of), strength] as const);
      return interrupted[position] === true ? [undefined, point] : [point];
    });
    const named = rank < namedFeatures;
    const kind = named ? `s${rank + 1}` : "rest";
    const dots = named || drift.length <= mostSmallDots;
    return { name: feature, kind, dots, points, ...(named ? { label: html`<bdi>${feature}</bdi>` } : {}) };
  });
  const marks = drift.flatMap((check, position) => {
    const before = drift[position - 1];
    return before === undefined || before.version === check.version
      ? []
      : [{ at: (time(before.as_of) + time(check.as_of)) / 2, label: `${versionText(check)} serves` }];
  });
  const span = Math.max(1, Math.max(...days) - Math.min(...days));
  // If there is no room for all dates, those of drift take precedence, then the first and the last one.
  const found = drift.filter(({ status }) => status === "drift").map(({ as_of }) => time(as_of));
  const ticks = apart([...found, Math.min(...days), Math.max(...days), ...days], span * dateGap.wide);
  const narrow = new Set(apart(ticks, span * dateGap.narrow));
  const dayText = (at: number) => longDay(new Date(at).toISOString().slice(0, 10));
  const [worst] = names;
  const peak = worst === undefined ? "" : `, highest ${highest(measured, worst).toFixed(2)} (${worst})`;
  return figure(
    "Strength of the drift of each feature over time",
    lineChart({
      label: `Strength of the drift of each feature at ${counted(measured.length, "drift check")}${peak}; the table below has every value`,
      xLabel: "as of",
      yLabel: "strength",
      x: [Math.min(...days), Math.max(...days)],
      y: [0, top],
      lines,
      xTicks: ticks.map((at) => ({ at, label: dayText(at), wideOnly: !narrow.has(at) })),
      threshold: { at: 1, label: "drift from 1" },
      marks,
      describe: (line, [day, psi]) => `${line.name}, ${dayText(day)}: ${psi.toFixed(3)}`,
    }),
    "A dot is a drift check. A feature that the version does not use has none. The lines are interrupted where a check was skipped, where another version serves, and where much more time than usual passed between two checks.",
  );
}

function heat({ drift }: Summary, names: readonly string[]): Markup {
  const columns = drift.map((check): HeatColumn => {
    const { as_of, status, reason } = check;
    const period = as_of.slice(0, 4);
    return {
      ...{ label: longDay(as_of), group: versionText(check), period },
      ...(status === "skipped" ? { missing: `skipped: ${reason ?? "no reason was given"}` } : {}),
    };
  });
  const cell = (found: MeasuredDrift | null | undefined) =>
    found == null ? undefined : { value: found.strength, alarming: found.drifted };
  const rows: HeatRow[] = [
    ...names.map((feature) => ({
      name: name(feature),
      threshold: 1,
      cells: drift.map(({ features }) => cell(entryOf(features, feature))),
    })),
    {
      name: html`<em>prediction score</em>`,
      threshold: 1,
      cells: drift.map(({ score }) => cell(score)),
    },
  ];
  return html`<h3>Strength by feature and check</h3><p class="quiet">What a version does not use is no drift, however strong, and keeps the colour of values below the threshold.</p>${heatmap("Strength of the drift by feature and drift check", columns, rows)}`;
}

function statistics({ psi, excess, p_value: p }: MeasuredDrift): string {
  const chance = p < 0.001 ? "below 0.001" : p.toFixed(3);
  return `PSI ${psi.toFixed(3)}, of which ${excess.toFixed(3)} is more than chance; p-value ${chance}`;
}

/** What drifted, informs, or came closest to drift in one check: each feature's distribution in the baseline and on that day. */
function distributions(check: DriftSummary, { pipeline }: Summary): Markup[] {
  const one = (title: Markup, found: MeasuredDrift, type: string | undefined, meaning: string) => {
    const bins = found.bins ?? [];
    const use = found.informs
      ? " The model does not use it, so this starts nothing."
      : found.drifted
        ? ""
        : " This is no drift.";
    const note = html`${meaning !== "" && html`${sentence(meaning)} `}${statistics(found)}.${use} ${largestChange({ bins, type })}`;
    const caption = `Evaluation rows and the day’s rows by value, as of ${longDay(check.as_of)}`;
    return figure(title, histogram({ caption, bins, type }), note);
  };
  const features = Object.entries(check.features)
    .filter(([, { bins }]) => bins !== undefined)
    .sort(([, left], [, right]) => Number(left.informs) - Number(right.informs) || right.strength - left.strength)
    .map(([feature, found]) =>
      one(name(feature), found, entryOf(pipeline.feature_types, feature), entryOf(pipeline.features, feature) ?? ""),
    );
  const { score } = check;
  if (score?.bins === undefined || !score.drifted) return features;
  return [...features, one(html`<em>prediction score</em>`, score, "double", "The model's scores")];
}

/** Whether a check found drift, or a change of something that the model does not use. */
const isTelling = ({ status, features }: DriftSummary): boolean =>
  status === "drift" || Object.values(features).some(({ informs }) => informs);

function whatDrifted(summary: Summary): Markup | undefined {
  const found = summary.drift
    .map((check) => ({ check, charts: distributions(check, summary) }))
    .filter(({ charts }) => charts.length > 0);
  const telling = found.filter(({ check }) => isTelling(check));
  // The check that started a retraining matters most; without one, the newest that found something, or the newest of all.
  const decisive =
    telling.findLast(({ check }) => check.consequence.outcome === "retraining-started") ??
    telling.at(-1) ??
    found.at(-1);
  if (decisive === undefined) return undefined;
  const heading = ({ check }: (typeof found)[number]) => {
    const what =
      check.status === "drift"
        ? "What drifted"
        : isTelling(check)
          ? "What changed without being drift"
          : "The feature closest to drift";
    return `${what} on ${longDay(check.as_of)}, against the baseline of ${versionText(check)}: ${counted(check.rows, "row")}`;
  };
  const others = telling.filter((one) => one !== decisive);
  return html`<h3>${heading(decisive)}</h3>
  <div class="charts two">${decisive.charts}</div>
  ${others.map((one) => html`<details><summary>${heading(one)}</summary><div class="charts two">${one.charts}</div></details>`)}`;
}

const tones: Readonly<Record<DriftSummary["status"], Tone>> = { drift: "warn", stable: "good", skipped: "soft" };

function checksTable(caption: string, checks: readonly DriftSummary[]): Markup {
  return table({
    caption,
    columns: [
      { head: "As of", fixed: true, cell: ({ as_of }) => longDay(as_of) },
      { head: "Result", lead: true, cell: ({ status }) => badge(status, tones[status]) },
      { head: "Serving", cell: versionText },
      { head: "Rows", number: true, cell: ({ rows }) => whole(rows) },
      {
        head: "Reason and consequence",
        cell: (check) => {
          const { status, reason, consequence } = check;
          if (status === "stable") return "";
          return [reason, consequenceText(consequence)].filter(Boolean).join("; ");
        },
      },
    ],
    rows: checks,
  });
}

function checkList(drift: readonly DriftSummary[]): Markup {
  const caption = "Drift checks with their results";
  if (drift.length <= shownChecks) return html`<h3>Drift checks</h3>${checksTable(caption, drift)}`;
  const telling = drift.filter(
    ({ status }, position) => status === "drift" || position >= drift.length - shownChecks / 2,
  );
  const shown = telling.slice(-shownChecks);
  return html`<h3>Drift checks: ${whole(shown.length)} of ${whole(drift.length)}</h3>
  <p class="quiet">The newest, and the newest of those that found drift.</p>
  ${checksTable(caption, shown)}
  <details><summary>All ${whole(drift.length)} drift checks</summary>${checksTable("All drift checks", drift)}</details>`;
}

export function driftSection(summary: Summary): Markup {
  const { pipeline, drift } = summary;
  const measured = drift.filter(isMeasured);
  const names = Object.keys(pipeline.features)
    .filter((feature) => measured.some(({ features }) => entryOf(features, feature) !== undefined))
    .sort((one, other) => highest(measured, other) - highest(measured, one));
  return section(
    "drift",
    "Drift",
    html`<p>Every day, the serving version scores all entities, and the day’s rows, one for each entity, are compared with the rows on which the version was evaluated. A feature has drifted if the difference is more than chance (at most one check in ${whole(1 / pipeline.drift.alpha)} of unchanged data finds drift) and if its size matters: the population stability index (PSI) is ${pipeline.drift.effect} or more above what chance gives, or more than that for a feature of little importance to the model. The scores are compared in the same way. The strength is the smaller of both in parts of what is needed, so 1 or more is drift.</p>`,
    measured.length === 0
      ? html`<p class="quiet">${drift.length > 0 ? "Every drift check was skipped." : "No drift check was made."}</p>`
      : html`${
          measured.length > 1 &&
          overTime(
            summary,
            names.filter((feature) => measured.some((check) => strengthOf(check, feature) !== undefined)),
          )
        }${whatDrifted(summary)}${heat(summary, names)}`,
    drift.length > 0 && checkList(drift),
  );
}
