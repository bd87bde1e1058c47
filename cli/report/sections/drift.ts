/** Drift of the live traffic against the baseline of the serving version. */

import type { DriftSummary, Summary } from "../../../contracts/summary";
import { heatmap } from "../charts/heatmap";
import { lineChart } from "../charts/lines";
import { consequenceText, longDay, shortDay, whole, words } from "../format";
import { html, type Markup } from "../html";

/** How many features have a colour and a label; the others are grey. */
const namedFeatures = 4;

const time = (day: string) => Date.parse(`${day}T00:00:00Z`);

function highest(checks: readonly DriftSummary[], feature: string): number {
  return Math.max(0, ...checks.map(({ features }) => features[feature]?.psi ?? 0));
}

function overTime(summary: Summary, checks: readonly DriftSummary[], names: readonly string[]): Markup {
  const { feature_psi: threshold } = summary.pipeline;
  const days = checks.map(({ as_of }) => time(as_of));
  const top = Math.max(threshold * 1.25, ...names.map((name) => highest(checks, name)));
  const lines = [...names].reverse().map((name) => {
    const rank = names.indexOf(name);
    return {
      name,
      kind: rank < namedFeatures ? `series s${rank + 1}` : "series muted",
      dots: rank < namedFeatures,
      points: checks.flatMap(({ as_of, features }) => {
        const psi = features[name]?.psi;
        return psi === undefined ? [] : [[time(as_of), psi] as const];
      }),
      ...(rank < namedFeatures ? { label: words(name) } : {}),
    };
  });
  const marks = checks.flatMap(({ as_of, version }, position) => {
    const before = checks[position - 1];
    return before === undefined || before.version === version
      ? []
      : [{ at: (time(before.as_of) + time(as_of)) / 2, label: `v${version}` }];
  });
  const span = Math.max(1, Math.max(...days) - Math.min(...days));
  const xTicks = checks
    .filter(
      ({ as_of }, position) => position === 0 || time(as_of) - time(checks[position - 1]?.as_of ?? as_of) > span * 0.08,
    )
    .map(({ as_of }) => ({ at: time(as_of), label: shortDay(as_of) }));
  return lineChart({
    title: "Population stability index of each feature over time",
    xLabel: "as of",
    yLabel: "PSI",
    x: [Math.min(...days), Math.max(...days)],
    y: [0, top],
    lines,
    width: 820,
    height: 320,
    xTicks,
    threshold: { at: threshold, label: `drift threshold ${threshold}` },
    marks,
    describe: ({ name }, [day, psi]) =>
      `${words(name)}, ${longDay(new Date(day).toISOString().slice(0, 10))}: ${psi.toFixed(3)}`,
  });
}

function checkRow(check: DriftSummary): Markup {
  return html`<tr><td>${longDay(check.as_of)}</td><td>v${check.version ?? "?"}</td><td class="number">${whole(check.samples)}</td>
    <td><span class="badge ${check.status}">${check.status}</span></td>
    <td>${check.status === "skipped" ? check.reason : consequenceText(check.consequence)}</td></tr>`;
}

export function driftSection(summary: Summary): Markup {
  const measured = summary.drift.filter(({ status }) => status !== "skipped");
  const names = Object.keys(summary.pipeline.features)
    .filter((name) => measured.some(({ features }) => features[name] !== undefined))
    .sort((one, other) => highest(measured, other) - highest(measured, one));
  const threshold = summary.pipeline.feature_psi;
  const heatRows = [
    ...names.map((name) => ({
      name: words(name),
      cells: measured.map(({ features }) => cellOf(features[name])),
    })),
    { name: "prediction score", cells: measured.map(({ prediction }) => cellOf(prediction ?? undefined)) },
  ];
  return html`<section id="drift">
  <h2>Drift in the live traffic</h2>
  <p>The endpoint’s requests are captured and compared with the data that the serving version was evaluated on, by the population stability index (PSI). A feature with a PSI of ${threshold} or more counts as drifted. A check with fewer than ${whole(summary.pipeline.min_samples)} requests is skipped, which does not mean that there is no drift.</p>
  ${
    measured.length === 0
      ? html`<p class="quiet">${summary.drift.length > 0 ? "Every drift check was skipped" : "No drift check was made"}.</p>`
      : html`${measured.length > 1 ? html`<div class="scroll">${overTime(summary, measured, names)}</div>` : undefined}
  <h3>PSI by feature and check</h3>
  <div class="scroll">${heatmap(
    "PSI by feature and check",
    measured.map(({ as_of, version }) => `${shortDay(as_of)} · v${version ?? "?"}`),
    heatRows,
    threshold,
  )}</div>`
  }
  ${summary.drift.length > 0 ? html`<div class="scroll"><table><thead><tr><th>As of</th><th>Serving</th><th class="number">Requests</th><th>Result</th><th>Consequence</th></tr></thead><tbody>${summary.drift.map(checkRow)}</tbody></table></div>` : undefined}
</section>`;
}

function cellOf(found: { psi: number; drifted: boolean } | undefined) {
  return found === undefined ? undefined : { value: found.psi, alarming: found.drifted };
}
