/** Is serving faithful? The captured requests against the stored rows and scores. */
import type { ServingExample } from "../../../contracts/serving-report";
import type { ServingSummary, Summary } from "../../../contracts/summary";
import { clock, counted, name, percent, sentence, whole } from "../format";
import { html, type Markup } from "../html";
import { badge, type Tone } from "../parts/section";
import { table } from "../parts/table";

const tones: Record<ServingSummary["status"], Tone> = { faithful: "good", skewed: "bad", skipped: "soft" };

const sum = (checks: readonly ServingSummary[], of: (check: ServingSummary) => number) =>
  checks.reduce((total, check) => total + of(check), 0);

/** What all checks together found, in a sentence or two. */
function verdict(checks: readonly ServingSummary[], { pipeline }: Summary): string {
  const requests = sum(checks, (check) => check.requests);
  if (requests === 0) return "No captured request could be compared.";
  const unfaithful = sum(checks, (check) => check.unfaithful);
  const compared = sum(checks, ({ scores }) => scores.compared);
  const all = `${counted(requests, "captured request")} ${requests === 1 ? "was" : "were"} compared with the stored features of the same ${pipeline.entity} and day, ${whole(compared)} of them also with the stored score`;
  return unfaithful === 0
    ? `${all}: none differs.`
    : `${all}: ${counted(unfaithful, "request")} (${percent(unfaithful / requests, 2)}) ${unfaithful === 1 ? "differs" : "differ"}.`;
}

/** What a check did not look at. */
function leftOut({ files, files_read, unreadable, unidentified, reason }: ServingSummary): string | undefined {
  const sentences = [
    reason === undefined ? "" : sentence(reason),
    files_read < files ? `A sample: ${whole(files_read)} of ${counted(files, "file")} were read.` : "",
    unreadable === 0 ? "" : `${counted(unreadable, "captured line")} could not be read.`,
    unidentified === 0
      ? ""
      : `${counted(unidentified, "request")} did not come through Daybreak’s Lambda and could not be compared.`,
  ].filter(Boolean);
  return sentences.length === 0 ? undefined : sentences.join(" ");
}

function checksTable(checks: readonly ServingSummary[]): Markup {
  return table({
    caption: "Checks of captured requests",
    columns: [
      { head: "Checked at", fixed: true, cell: ({ checked_at }) => `${clock(checked_at)} UTC` },
      { head: "Result", lead: true, cell: ({ status }) => badge(status, tones[status]) },
      { head: "Requests", number: true, cell: ({ requests }) => whole(requests) },
      { head: "Other features", number: true, cell: ({ skewed }) => whole(skewed) },
      { head: "Other score", number: true, cell: ({ scores }) => whole(scores.skewed) },
      { head: "Not stored", number: true, cell: ({ not_stored }) => whole(not_stored) },
      { head: "Too old", number: true, cell: ({ stale }) => whole(stale) },
    ],
    rows: checks,
    below: leftOut,
  });
}

interface Difference {
  what: Markup;
  skewed: number;
  examples: readonly ServingExample[];
}

function differences(checks: readonly ServingSummary[]): Difference[] {
  const found = new Map<string, Difference>();
  const add = (key: string, what: Markup, skewed: number, examples: readonly ServingExample[]) => {
    const before = found.get(key);
    if (skewed === 0) return;
    found.set(key, { what, skewed: skewed + (before?.skewed ?? 0), examples: before?.examples ?? examples });
  };
  for (const { features, scores } of checks) {
    for (const [feature, { skewed, examples }] of Object.entries(features)) {
      add(`feature ${feature}`, name(feature), skewed, examples);
    }
    add("score", html`the score`, scores.skewed, scores.examples);
  }
  return [...found.values()].sort((one, other) => other.skewed - one.skewed);
}

const shown = (value: ServingExample["served"]) => (value === null ? "nothing" : String(value));

function differencesTable(found: readonly Difference[], { pipeline }: Summary): Markup {
  return table({
    caption: "Values that were served and are not the stored ones",
    columns: [
      { head: "Value", cell: ({ what }) => what },
      { head: "Requests", number: true, lead: true, cell: ({ skewed }) => whole(skewed) },
      {
        head: "For example",
        cell: ({ examples: [example] }) =>
          example &&
          html`${pipeline.entity} <bdi>${example.entity}</bdi>: served <bdi>${shown(example.served)}</bdi>, stored <bdi>${shown(example.stored)}</bdi>`,
      },
    ],
    rows: found,
  });
}

export function faithfulness(summary: Summary): Markup | false {
  const { serving } = summary;
  if (serving.length === 0) return false;
  const found = differences(serving);
  return html`<h3 id="faithful">Is serving faithful?</h3>
<p>${verdict(serving, summary)} Errors and latency have alarms of their own.</p>
${found.length > 0 && differencesTable(found, summary)}
${checksTable(serving)}`;
}
