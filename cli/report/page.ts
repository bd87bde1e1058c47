/** The report's page, made from the summary alone. One file: no script, nothing loaded. */

import type { Summary } from "../../contracts/summary";
import { html, raw } from "./html";
import { course } from "./sections/course";
import { dataSection } from "./sections/data";
import { driftSection } from "./sections/drift";
import { modelsSection } from "./sections/models";
import { operations } from "./sections/operations";
import { overview } from "./sections/overview";
import { style } from "./style";

/** The whole page as HTML. */
export function renderPage(summary: Summary): string {
  const { git } = summary;
  const commit = git === null ? "" : `, commit ${git.commit.slice(0, 12)}${git.dirty ? " with local changes" : ""}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Daybreak · ${summary.pipeline.name}</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
${overview(summary)}
${course(summary)}
${dataSection(summary)}
${modelsSection(summary)}
${driftSection(summary)}
${operations(summary)}
<footer>Generated ${summary.generated_at.slice(0, 19).replace("T", " ")} UTC by Daybreak${commit}. The same facts for programs: summary.json (${summary.schema}). Everything ran on this machine, in a local cloud; no AWS account was involved.</footer>
</main>
</body>
</html>
`.toString();
}
