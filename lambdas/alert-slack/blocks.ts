/** The parts of a Slack message (Block Kit), within Slack's limits. */

export interface SlackMessage {
  /** Shown instead of the blocks in notifications and by screen readers. */
  text: string;
  blocks: Block[];
  attachments: { color: string; blocks: Block[] }[];
}

export type Block = Record<string, unknown>;

/** The emoji and colour of an alert, which show its kind at a glance. */
export interface Look {
  emoji: string;
  color: string;
}

const longestHeader = 150;
const longestSection = 3000;
const longestField = 2000;
const mostFields = 10;

/** Truncates a text, with an ellipsis at the end. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** Escapes &, < and >, which Slack reads as markup and which a cause may contain. */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Text as code, which Slack neither formats nor links. */
export function code(text: string): string {
  return `\`${escapeMarkup(text).replaceAll("`", "'")}\``;
}

/** A block of preformatted text. */
export function codeBlock(text: string): string {
  return `\`\`\`${clip(escapeMarkup(text).replaceAll("```", "'''"), longestSection - 10)}\`\`\``;
}

/** A paragraph of Slack's markup. */
export function section(markup: string): Block {
  return { type: "section", text: { type: "mrkdwn", text: clip(markup, longestSection) } };
}

/** Labelled facts in two columns, without those that have no value. */
export function facts(entries: Record<string, string | number | null | undefined>): Block[] {
  const fields = Object.entries(entries).flatMap(([label, value]) => {
    if (value === undefined || value === null || value === "") return [];
    return [{ type: "mrkdwn", text: clip(`*${escapeMarkup(label)}*\n${escapeMarkup(String(value))}`, longestField) }];
  });
  const blocks: Block[] = [];
  for (let start = 0; start < fields.length; start += mostFields) {
    blocks.push({ type: "section", fields: fields.slice(start, start + mostFields) });
  }
  return blocks;
}

/** Small print below a message. */
export function smallPrint(markup: string): Block {
  return { type: "context", elements: [{ type: "mrkdwn", text: clip(markup, longestField) }] };
}

/** A complete message: a headline, then blocks with the kind's colour at the side. */
export function message(look: Look, headline: string, blocks: readonly Block[]): SlackMessage {
  const title = clip(`${look.emoji} ${headline}`, longestHeader);
  const header = { type: "header", text: { type: "plain_text", text: title, emoji: true } };
  return { text: title, blocks: [header], attachments: [{ color: look.color, blocks: [...blocks] }] };
}
