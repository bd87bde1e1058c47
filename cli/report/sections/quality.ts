/** Is the model still right? What happened after the scores, against the promise of each version's evaluation. */
import type { ComparedMetric } from "../../../contracts/model-quality";
import type { QualityCheck, QualityDay, Summary } from "../../../contracts/summary";
import { counted, longDay, metric, percent, whole } from "../format";
import { html, type Markup, type Value } from "../html";
import { range } from "../parts/range";
import { badge, section, type Tone } from "../parts/section";
import { table } from "../parts/table";

const names = { auc: "AUC", f1: "F1" } as const;

/** A measured metric with its interval and, below it, the promise. */
function measuredText({ value, interval, promised }: ComparedMetric): Markup {
  const promise = promised !== null && html`<br><small class="range">promised ${metric(promised)}</small>`;
  return html`${metric(value)}${range(interval)}${promise}`;
}

/** A metric of a day: measured, or the estimate, which is called one. */
function dayCell(day: QualityDay, name: "auc" | "f1"): Value {
  if (day.measured !== null) return measuredText(day.measured[name]);
  const expected = day.estimate?.[name];
  return expected == null ? "–" : html`${metric(expected)} <small class="range">estimate</small>`;
}

function daysTable({ days, metric: judged }: Summary["quality"]): Markup {
  const other = judged === "auc" ? "f1" : "auc";
  return table({
    caption: "Quality of the scores by as-of day",
    columns: [
      { head: "As of", fixed: true, cell: ({ as_of }) => longDay(as_of) },
      { head: "Version", lead: true, cell: ({ version }) => `v${version}` },
      { head: "Scores", number: true, cell: ({ rows }) => whole(rows) },
      { head: names[judged], number: true, lead: true, cell: (day) => dayCell(day, judged) },
      { head: names[other], number: true, cell: (day) => dayCell(day, other) },
      {
        head: "Log loss",
        number: true,
        cell: ({ measured }) => measured !== null && measuredText(measured.log_loss),
      },
      {
        head: "Base rate",
        number: true,
        cell: ({ measured, estimate }) => {
          if (measured !== null) return rate(measured.base_rate.value);
          return html`${rate(estimate?.base_rate)} <small class="range">estimate</small>`;
        },
      },
      {
        head: "Lift",
        number: true,
        cell: ({ measured }) => measured !== null && metric(measured.lift_top_decile.value),
      },
    ],
    rows: days,
  });
}

const rate = (value: number | null | undefined): string => (value == null ? "–" : percent(value));

const chanceText = (p: number | null): string => (p === null ? "–" : p < 0.001 ? "below 0.1 %" : percent(p));

const verdicts: Record<QualityCheck["status"], { text: string; tone: Tone }> = {
  kept: { text: "as promised", tone: "good" },
  broken: { text: "below the promise", tone: "bad" },
  skipped: { text: "no result", tone: "soft" },
};

function checksTable(checks: readonly QualityCheck[]): Markup {
  const rows = checks.flatMap((check) => check.versions.map((version) => ({ check, ...version })));
  return table({
    caption: "Checks of the quality",
    columns: [
      { head: "Checked as of", fixed: true, cell: ({ check }) => longDay(check.as_of) },
      {
        head: "Version",
        lead: true,
        cell: ({ version, check }) => `v${version}${version === check.version ? "" : ", replaced"}`,
      },
      { head: "Result", lead: true, cell: ({ status }) => badge(verdicts[status].text, verdicts[status].tone) },
      { head: "Scored days", cell: ({ days }) => days.map(longDay).join(", ") },
      { head: "Scores", number: true, cell: ({ rows: count }) => whole(count) },
      {
        head: "Chance of such a shortfall",
        number: true,
        cell: ({ p_value }) => chanceText(p_value),
      },
      { head: "Found", cell: ({ reason }) => reason },
    ],
    rows,
  });
}

/** One sentence: whether the newest judged version keeps its promise. */
function answer({ checks, days }: Summary["quality"]): string {
  const newest = checks.at(-1);
  const open = days.filter(({ measured }) => measured === null).length;
  const waiting =
    open === 0
      ? ""
      : ` The labels of ${counted(open, "scored day")} are not known yet; until then there is an estimate.`;
  if (newest === undefined) return `No label of a scored day is known yet.${days.length === 0 ? "" : waiting}`;
  const { status, version, reason = "" } = newest;
  const serving = version === null ? "No version is serving" : `v${version}`;
  const found = {
    kept: `Yes: ${serving} is as good as its evaluation promised, as far as chance lets one tell (${reason}).`,
    broken: `No: ${serving} is worse than its evaluation promised (${reason}).`,
    skipped: `Not known of ${serving}: ${reason}.`,
  };
  return `${found[status]}${waiting}`;
}

export function qualitySection(summary: Summary): Markup {
  const { pipeline, quality } = summary;
  const judged = names[quality.metric];
  return section(
    "quality",
    "Is the model still right?",
    html`<p class="lead">${answer(quality)}</p>`,
    html`<p>What a score says is known to be right or wrong ${counted(pipeline.horizon_days, "day")} later, once events may no longer arrive late. Then the scores of that as-of day are joined with what happened, and the metrics are compared with those that the version’s evaluation promised. Intervals are at 95 %, by a bootstrap over entities. Each check tests the ${judged} of the scores of ${whole(quality.window_days)} days: if the version keeps its promise, at most one check in ${whole(1 / quality.alpha)} reports it. An estimate trusts the scores to be probabilities (confidence-based performance estimation): it sees a change of who is scored, but not a change of how they behave. The lift says how many times as many positives the highest tenth of the scores holds as a tenth at random.</p>`,
    quality.days.length > 0 && daysTable(quality),
    quality.checks.length > 0 && html`<h3>Checks</h3>${checksTable(quality.checks)}`,
  );
}
