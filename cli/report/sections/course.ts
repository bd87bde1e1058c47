/** The course of the demo: what ran when, and how long each step of each run took. */

import { duration } from "../../shared/output";
import { type GanttRow, gantt } from "../charts/gantt";
import { longDay, shortDay, whole } from "../format";
import { html, type Markup } from "../html";
import type { RunSummary, Summary } from "../summary";

const rowNames: readonly [Summary["stages"][number]["kind"], string][] = [
  ["deploy", "Deploy"],
  ["collect", "Collect"],
  ["features", "Features"],
  ["train", "Train"],
  ["approve", "Approve"],
  ["rollout", "Roll out"],
  ["monitor", "Watch"],
  ["other", "Other"],
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
  features: "features made",
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
  <p>The data's own calendar moves from ${longDay(summary.data.first_day)} on; each bar is labelled with the day that it was as of. Every stage is the real one: workflows in Step Functions, jobs under their own roles.</p>
  <div class="scroll">${gantt("The demo's stages over time", rows(summary), summary.seconds)}</div>
  <details ${summary.runs.some(({ outcome }) => outcome === "failed") && "open"}>
    <summary>The ${summary.runs.length} runs of the pipeline, step by step</summary>
    <div class="scroll"><table>
      <thead><tr><th>As of</th><th>Started by</th><th>Outcome</th><th class="number">New events</th><th class="number">Feature rows</th><th class="number">Took</th></tr></thead>
      <tbody>${summary.runs.map(runRow)}</tbody>
    </table></div>
  </details>
</section>`;
}
