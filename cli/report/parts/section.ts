/** A part of the page with its heading. */
import { html, type Markup, type Value } from "../html";

export function section(id: string, title: string, ...content: readonly Value[]): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
  <h2 id="${id}-title">${title}</h2>
  ${content}
</section>`;
}

/** A chart or a table with its title above it. */
export function figure(caption: Value, content: Markup, note?: Value): Markup {
  return html`<figure><figcaption>${caption}${note && html`<small>${note}</small>`}</figcaption>${content}</figure>`;
}

/** Content that may be wider than the page: it scrolls on its own, also by keyboard, and is labelled for screen readers. */
export function scrollable(label: string, content: Markup): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${content}</div>`;
}

/** The tone of a text, which determines its colour. */
export type Tone = "good" | "bad" | "warn" | "blue" | "soft";

export function badge(text: string, tone: Tone): Markup {
  return html`<span class="badge ${tone}">${text}</span>`;
}

/** The square that stands for a line or a bar of this kind. */
export const key = (kind: string): Markup => html`<i class="key ${kind}"></i>`;

/** What the colours of a chart mean. */
export function legend(entries: readonly { kind: string; text: Value; className?: string }[], className = ""): Markup {
  return html`<ul class="legend ${className}">${entries.map(({ kind, text }) => html`<li>${key(kind)}${text}</li>`)}</ul>`;
}

/** Names and values, one below the other. */
export function facts(entries: readonly (readonly [name: Value, value: Value])[], className = ""): Markup {
  return html`<dl class="${className}">${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
