/** Slack's markup as HTML: emphasis, code, emoji, escaped characters; labels with their values. */
import { entryOf } from "./format";
import { html, type Markup, type Value } from "./html";

const emoji: Readonly<Record<string, string>> = { white_check_mark: "✓", x: "✗", warning: "⚠" };

/** An emoji's name stands between blanks; the colons of an ARN do not. */
const emojiName = /(?<=^|\s):([a-z0-9_+-]+):(?=\s|$)/g;
/** Code, or emphasis that begins and ends at a word's edge. */
const inline = /`([^`]+)`|(?<![\w*/])\*(?!\s)([^*\n]+)(?<!\s)\*(?![\w*])/g;

const unescaped = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const plain = (text: string): string =>
  unescaped(text.replace(emojiName, (_, name: string) => entryOf(emoji, name) ?? "").replace(/ {2,}/g, " "));

function line(text: string): Value[] {
  const parts: Value[] = [];
  let end = 0;
  for (const { 0: whole, 1: code, 2: strong, index } of text.matchAll(inline)) {
    parts.push(plain(text.slice(end, index)));
    parts.push(code === undefined ? html`<b>${plain(strong ?? "")}</b>` : html`<code>${unescaped(code)}</code>`);
    end = index + whole.length;
  }
  parts.push(plain(text.slice(end)));
  return parts;
}

/** A message's headline without its emoji. */
export const slackTitle = (title: string): string => plain(title).trim();

const label = /^\*([^*]+)\*$/;

function paragraphs(text: string): Markup[] {
  const found: Markup[] = [];
  const lines = text.split("\n").filter((one) => one.trim() !== "");
  for (let position = 0; position < lines.length; position += 1) {
    const current = lines[position] ?? "";
    const value = lines[position + 1];
    const named = label.exec(current)?.[1];
    if (named !== undefined && value !== undefined && !label.test(value)) {
      found.push(html`<p class="fact"><span>${plain(named)}</span> <bdi>${line(value)}</bdi></p>`);
      position += 1;
    } else found.push(html`<p>${line(current)}</p>`);
  }
  return found;
}

/** A message's text; its headline, with which it begins, is left out. */
export function slackMarkup(text: string, title: string): Markup {
  let body = text;
  while (title !== "" && body.startsWith(title)) body = body.slice(title.length).replace(/^\n+/, "");
  // Every second part stands between the fences of preformatted text.
  return html`${body.split("```").map((part, position) => (position % 2 === 0 ? paragraphs(part) : html`<pre>${unescaped(part.trim())}</pre>`))}`;
}
