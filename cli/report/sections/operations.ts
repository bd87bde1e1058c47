/** Serving and alerting: deployments under traffic, drift alarms, and what was posted to Slack. */

import type { Summary } from "../../../contracts/summary";
import { duration } from "../../shared/output";
import { clock, whole } from "../format";
import { html, type Markup } from "../html";

function serving({ deployments, requests }: Summary): Markup {
  const byVersion = Object.entries(requests.by_version)
    .map(([version, served]) => `v${version} ${whole(served)}`)
    .join(", ");
  const errors = Object.entries(requests.errors);
  return html`<section id="serving">
  <h2>Serving</h2>
  ${
    deployments.length === 0
      ? html`<p class="quiet">Nothing was deployed.</p>`
      : html`<p>${whole(requests.served)} predictions served (${byVersion}), ${whole(requests.failed)} failed; latency of the predict Lambda: p50 ${requests.p50_milliseconds.toFixed(0)} ms, p99 ${requests.p99_milliseconds.toFixed(0)} ms.</p>
  <div class="scroll"><table><thead><tr><th>Version</th><th>Approved at</th><th class="number">Took</th><th class="number">Requests during it</th><th class="number">Failed</th><th>Outcome</th></tr></thead>
  <tbody>${deployments.map(
    (one) =>
      html`<tr><td>v${one.version}</td><td>${clock(one.started_at)} UTC</td><td class="number">${duration(one.seconds)}</td><td class="number">${whole(one.requests_during)}</td><td class="number">${whole(one.failed_during)}</td><td><span class="badge ${one.outcome}">${one.outcome}</span> ${one.cause}</td></tr>`,
  )}</tbody></table></div>`
  }
  ${errors.length > 0 ? html`<h3>Failed requests</h3><ul>${errors.map(([error, times]) => html`<li>${whole(times)} × ${error}</li>`)}</ul>` : undefined}
</section>`;
}

/** Slack's emoji names and bold marks, as a page shows them. */
function plain(text: string): string {
  return (
    text
      // An emoji's name stands between blanks; the colons of an ARN do not.
      .replace(/(^|\s):[a-z_]+:(?=\s|$)/g, "$1")
      .replaceAll("*", "")
      .replaceAll("`", "")
      .trim()
  );
}

function alertCard({ at, title, text }: Summary["alerts"][number]): Markup {
  const lines = text
    .split("\n")
    .map(plain)
    .filter((line, position, all) => line !== "" && line !== plain(title) && all.indexOf(line) === position);
  return html`<li><time>${clock(at)} UTC</time><b>${plain(title)}</b><div>${lines.slice(0, 14).map((line) => html`<span>${line}</span>`)}</div></li>`;
}

function alerting({ alarms, alerts }: Summary): Markup {
  return html`<section id="alerts">
  <h2>Alarms and alerts</h2>
  ${alarms.length === 0 ? html`<p class="quiet">No drift alarm went off.</p>` : html`<div class="scroll"><table><thead><tr><th>At</th><th>Alarm</th><th>State</th><th>Reason</th></tr></thead><tbody>${alarms.map(({ at, alarm, state, reason }) => html`<tr><td>${clock(at)}</td><td>${alarm}</td><td><span class="badge ${state.toLowerCase()}">${state}</span></td><td class="quiet">${reason}</td></tr>`)}</tbody></table></div>`}
  ${alerts.length === 0 ? html`<p class="quiet">Nothing was posted to Slack.</p>` : html`<h3>Posted to Slack</h3><ol class="alerts">${alerts.map(alertCard)}</ol>`}
</section>`;
}

export function operations(summary: Summary): Markup {
  return html`${serving(summary)}${alerting(summary)}`;
}
