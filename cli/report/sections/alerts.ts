/** Alarms of drift and serving, and what was posted to Slack. */
import type { Summary } from "../../../contracts/summary";
import { clock } from "../format";
import { html, type Markup } from "../html";
import { badge, section } from "../parts/section";
import { table } from "../parts/table";
import { slackMarkup, slackTitle } from "../slack";

/** More messages than these are folded away. */
const shownMessages = 8;

const alertCard = ({ at, title, text }: Summary["alerts"][number]): Markup =>
  html`<li><time datetime="${at}">${clock(at)} UTC</time><div><b class="title">${slackTitle(title)}</b>${slackMarkup(text, title)}</div></li>`;

const cards = (alerts: Summary["alerts"]) => html`<ol class="alerts">${alerts.map(alertCard)}</ol>`;

export function alertsSection({ alarms, alerts }: Summary): Markup {
  const rest = alerts.slice(shownMessages);
  return section(
    "alerts",
    "Alarms and alerts",
    alarms.length === 0
      ? html`<p class="quiet">No alarm of drift or serving fired.</p>`
      : table({
          caption: "Changes of state of the alarms",
          columns: [
            { head: "Alarm", cell: ({ alarm }) => html`<bdi>${alarm}</bdi>` },
            {
              head: "State",
              lead: true,
              cell: ({ state }) => badge(state, state === "ALARM" ? "bad" : state === "OK" ? "good" : "soft"),
            },
            { head: "At", fixed: true, cell: ({ at }) => `${clock(at)} UTC` },
            { head: "Reason", quiet: true, cell: ({ reason }) => reason },
          ],
          rows: alarms,
        }),
    alerts.length === 0
      ? html`<p class="quiet">Nothing was posted to Slack.</p>`
      : html`<h3>Posted to Slack</h3>${cards(alerts.slice(0, shownMessages))}${rest.length > 0 && html`<details><summary>${rest.length} more</summary>${cards(rest)}</details>`}`,
  );
}
