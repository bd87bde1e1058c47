/** Markup built from templates: whatever is put in is escaped, unless it is markup itself. */

export class Markup {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

export type Value = Markup | string | number | undefined | null | false | readonly Value[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that HTML does not allow, and those that change the text direction, which could disguise a name as another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must find them
const notAllowed = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Text as HTML and SVG take it, in an attribute too. */
export function escapeText(text: string): string {
  return text.replace(notAllowed, "\ufffd").replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

function render(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join("");
  if (value === undefined || value === null || value === false) return "";
  return escapeText(String(value));
}

/** A template literal of HTML or SVG. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.reduce((text, part, position) => `${text}${render(values[position - 1])}${part}`));
}

/** Trusted text, such as the style sheet. */
export const raw = (text: string): Markup => new Markup(text);
