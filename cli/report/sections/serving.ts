/** Deployments under traffic, and the requests that were served. */
import type { DeploymentSummary, Summary } from "../../../contracts/summary";
import { duration } from "../../shared/output";
import { clock, counted, whole } from "../format";
import { html, type Markup } from "../html";
import { badge, section } from "../parts/section";
import { table } from "../parts/table";
import { faithfulness } from "./faithfulness";

function deploymentsTable(deployments: readonly DeploymentSummary[]): Markup {
  return table({
    caption: "Deployments",
    columns: [
      { head: "Version", cell: ({ version }) => `v${version}` },
      {
        head: "Outcome",
        lead: true,
        cell: ({ outcome }) => badge(outcome, outcome === "deployed" ? "good" : "bad"),
      },
      { head: "Failed requests", number: true, cell: ({ failed_during }) => whole(failed_during) },
      { head: "Requests meanwhile", number: true, cell: ({ requests_during }) => whole(requests_during) },
      { head: "Took", number: true, cell: ({ seconds }) => duration(seconds) },
      { head: "Approved at", fixed: true, cell: ({ started_at }) => `${clock(started_at)} UTC` },
    ],
    rows: deployments,
    below: ({ cause }) => cause,
  });
}

export function servingSection(summary: Summary): Markup {
  const { deployments, requests, pipeline } = summary;
  const versions = Object.entries(requests.by_version)
    .map(([version, served]) => `v${version} ${whole(served)}`)
    .join(", ");
  const errors = Object.entries(requests.errors);
  const total = requests.served + requests.stale + requests.failed;
  return section(
    "serving",
    "Serving",
    total > 0 &&
      html`<p>${counted(requests.served, "prediction")} served${versions === "" ? "" : ` (${versions})`}, ${whole(requests.failed)} failed${requests.stale === 0 ? "" : `, and ${whole(requests.stale)} were refused with 409, because their ${pipeline.entity} had no features of the newest day (a few were asked on purpose, the others by traffic that went on at dawn with the ${pipeline.entity}s of the day before)`}. Duration of a call of the predict Lambda, measured by the caller: p50 ${whole(requests.p50_milliseconds)} ms, p99 ${whole(requests.p99_milliseconds)} ms.</p>`,
    deployments.length === 0 ? html`<p class="quiet">Nothing was deployed.</p>` : deploymentsTable(deployments),
    errors.length > 0 &&
      html`<h3>Failed requests</h3><ul class="plain">${errors.map(([error, times]) => html`<li>${whole(times)} × <bdi>${error}</bdi></li>`)}</ul>`,
    faithfulness(summary),
  );
}
