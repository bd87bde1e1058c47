/** What ran when, and how long each step of each run took. */
import type { RunSummary, Summary } from "../../../contracts/summary";
import { duration } from "../../shared/output";
import { type GanttRow, gantt } from "../charts/gantt";
import { longDay, shortDay, whole } from "../format";
import { html, type Markup } from "../html";

const rowNames: readonly [Summary["stages"][number]["kind"], string][] = [
  ["setup", "Set-up"],
  ["ingest", "Ingest"],
  ["features", "Features"],
  ["train", "Train"],
  ["registry", "Registry"],
  ["serve", "Serve"],
  ["monitor", "Monitor"],
];

function rows({ stages }: Summary): GanttRow[] {
  return rowNames.flatMap(([kind, name]) => {
    const bars = stages
      .filter((stage) => stage.kind === kind)
      .map(({ title, detail, started_after, seconds, as_of }) => ({
        title: detail === "" ? title : `${title}: ${detail}`,
        from: started_after,
        seconds,
        ...(as_of === null ? {} : { label: shortDay(as_of) }),
      }));
    return bars.length === 0 ? [] : [{ name, kind, bars }];
  });
}

const outcomeWords: Readonly<Record<RunSummary["outcome"], string>> = {
  features: "features computed",
  registered: "model registered",
  refused: "refused by the gate",
  failed: "failed",
};

function triggerWords({ type, actor }: RunSummary["trigger"]): string {
  return type === "drift" ? "drift alarm" : `${type} (${actor})`;
}

function runRow(run: RunSummary): Markup {
  const steps = run.states
    .filter(({ seconds }) => seconds >= 0.05)
    .map(({ state, seconds }) => `${state} ${duration(seconds)}`)
    .join(" · ");
  return html`<tr>
    <td>${longDay(run.as_of)}</td><td>${triggerWords(run.trigger)}</td>
    <td><span class="badge ${run.outcome}">${outcomeWords[run.outcome]}</span></td>
    <td class="number">${whole(run.new_events)}</td><td class="number">${whole(run.feature_rows)}</td>
    <td class="number">${duration(run.seconds)}</td>
  </tr>
  <tr class="below"><td colspan="6">${run.cause === undefined ? steps : run.cause}</td></tr>`;
}

export function course(summary: Summary): Markup {
  return html`<section id="course">
  <h2>What ran when</h2>
  <p>The demo replays the data's own calendar, from ${longDay(summary.data.first_day)}; each bar is labelled with its as-of day. Every stage runs as it does on AWS: workflows in Step Functions, and each job under its own IAM role.</p>
  <div class="scroll">${gantt("The demo's stages over time", rows(summary), summary.seconds)}</div>
  <details ${summary.runs.some(({ outcome }) => outcome === "failed") && "open"}>
    <summary>All ${summary.runs.length} runs, step by step</summary>
    <div class="scroll"><table>
      <thead><tr><th>As of</th><th>Started by</th><th>Outcome</th><th class="number">New events</th><th class="number">Feature rows</th><th class="number">Took</th></tr></thead>
      <tbody>${summary.runs.map(runRow)}</tbody>
    </table></div>
  </details>
</section>`;
}
