/** What ran when, and how long each step of each run took. */
import type { RunSummary, Summary } from "../../../contracts/summary";
import { duration } from "../../shared/output";
import { type GanttRow, gantt } from "../charts/gantt";
import { clockTime, counted, longDay, sentence, shortDay, triggerText, whole } from "../format";
import { html, type Markup } from "../html";
import { badge, section, type Tone } from "../parts/section";
import { table } from "../parts/table";

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

const outcomes: Readonly<Record<RunSummary["outcome"], readonly [string, Tone]>> = {
  features: ["features computed", "soft"],
  registered: ["model registered", "good"],
  refused: ["refused by the gate", "bad"],
  unchanged: ["nothing to train", "soft"],
  not_enough_history: ["not enough history", "warn"],
  failed: ["failed", "bad"],
};

const steps = ({ states }: RunSummary) =>
  states
    .filter(({ seconds }) => seconds >= 0.05)
    .map(({ state, seconds }) => `${state} ${duration(seconds)}`)
    .join(" · ");

function runsTable(runs: readonly RunSummary[]): Markup {
  return table({
    caption: "Runs",
    columns: [
      { head: "As of", fixed: true, cell: ({ as_of }) => longDay(as_of) },
      { head: "Outcome", lead: true, cell: ({ outcome }) => badge(...outcomes[outcome]) },
      { head: "Took", number: true, cell: ({ seconds }) => duration(seconds) },
      { head: "New events", number: true, cell: ({ new_events }) => whole(new_events) },
      { head: "Feature rows", number: true, cell: ({ feature_rows }) => whole(feature_rows) },
      { head: "Scored", number: true, cell: ({ scored }) => whole(scored) },
      { head: "Started by", cell: ({ trigger }) => triggerText(trigger) },
    ],
    rows: runs,
    below: (run) => (run.cause === undefined ? steps(run) : sentence(run.cause)),
  });
}

function stagesTable(stages: Summary["stages"]): Markup {
  return table({
    caption: "Stages of the demo",
    columns: [
      { head: "Stage", cell: ({ title }) => title },
      { head: "Started after", number: true, lead: true, cell: ({ started_after }) => clockTime(started_after) },
      { head: "Took", number: true, cell: ({ seconds }) => duration(seconds) },
      { head: "Result", quiet: true, cell: ({ detail }) => detail },
    ],
    rows: stages,
  });
}

export function courseSection(summary: Summary): Markup {
  const { stages, runs } = summary;
  return section(
    "course",
    "What ran when",
    html`<p>The demo replays the data’s own calendar from ${longDay(summary.data.first_day)}, so a day of the data takes seconds. A bar is labelled with its as-of day where there is room.</p>`,
    stages.length === 0
      ? html`<p class="quiet">No stage finished.</p>`
      : html`${gantt(`When each stage ran, from the start to ${clockTime(summary.seconds)} minutes; the table below has the same facts`, rows(summary), summary.seconds)}
  <details><summary>${counted(stages.length, "stage")} of the demo</summary>${stagesTable(stages)}</details>`,
    runs.length > 0 &&
      html`<details ${runs.some(({ outcome }) => outcome === "failed") && "open"}><summary>${counted(runs.length, "run")} of the workflow, step by step</summary>${runsTable(runs)}</details>`,
  );
}
