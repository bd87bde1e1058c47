/** The report's page, made from the summary alone. One file: no script, nothing loaded. */
import type { Summary } from "../../contracts/summary";
import { moment } from "./format";
import { html, type Markup, raw, type Value } from "./html";
import { alertsSection } from "./sections/alerts";
import { courseSection } from "./sections/course";
import { dataSection } from "./sections/data";
import { driftSection } from "./sections/drift";
import { environmentSection } from "./sections/environment";
import { modelsSection } from "./sections/models";
import { overview } from "./sections/overview";
import { qualitySection } from "./sections/quality";
import { servingSection } from "./sections/serving";
import { story } from "./sections/story";
import { style } from "./style";

/** A whole page around its parts. The policy keeps even a mistake in the escaping from running or loading anything. */
export function document(title: string, top: Value, content: Value, footer: Value): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
${top}
<main>
${content}
</main>
<footer>${footer}</footer>
</body>
</html>
`;
}

const chapters: readonly (readonly [id: string, title: string])[] = [
  ["data", "Data"],
  ["models", "Models"],
  ["serving", "Serving"],
  ["drift", "Drift"],
  ["quality", "Quality"],
  ["alerts", "Alerts"],
  ["course", "Timeline"],
  ["environment", "Real or emulated"],
];

/** The whole page as HTML. */
export function renderPage(summary: Summary): string {
  const { git, pipeline } = summary;
  const commit = git === null ? "" : `, commit ${git.commit.slice(0, 12)}${git.dirty ? " with local changes" : ""}`;
  const top = html`${overview(summary)}
<nav aria-label="Sections">${chapters.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>`;
  const content = html`${story(summary)}
${dataSection(summary)}
${modelsSection(summary)}
${servingSection(summary)}
${driftSection(summary)}
${qualitySection(summary)}
${alertsSection(summary)}
${courseSection(summary)}
${environmentSection(summary)}`;
  const footer = html`Generated ${moment(summary.generated_at)} by Daybreak${commit}. The same facts for programs: summary.json (${summary.schema}).`;
  return document(`Daybreak · ${pipeline.name}`, top, content, footer).toString();
}
