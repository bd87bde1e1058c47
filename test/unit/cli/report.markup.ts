/** Reads a page's tags, strictly: the report writes well-formed markup, whatever texts it is given. */

export interface Tag {
  name: string;
  attributes: Readonly<Record<string, string>>;
  /** The names of the elements around it, outermost first. */
  inside: readonly string[];
  /** The text up to its end, without tags. */
  text: string;
}

const voids = new Set(["meta", "br", "wbr"]);
const tagPattern = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<]*")?)*)\s*(\/?)>/y;
const attributePattern = /([a-zA-Z-]+)(?:="([^"]*)")?/g;

/** Every element of a page in its order. Throws at what is no tag, at a tag that is not closed, and at `<` in a text. */
export function readMarkup(page: string): Tag[] {
  const found: { tag: Tag; from: number }[] = [];
  const tags: Tag[] = [];
  const body = page.replace(/^<!doctype html>\n/, "").replace(/(<style>)[^<]*(<\/style>)/, "$1$2");
  let position = 0;
  for (;;) {
    const next = body.indexOf("<", position);
    if (next < 0) break;
    tagPattern.lastIndex = next;
    const match = tagPattern.exec(body);
    if (match === null) throw new Error(`not a tag: ${body.slice(next, next + 80)}`);
    position = tagPattern.lastIndex;
    const [, closing, name = "", attributes = "", closed] = match;
    if (closing === "/") {
      const open = found.pop();
      if (open?.tag.name !== name)
        throw new Error(`</${name}> closes <${open?.tag.name}>: ${body.slice(next - 80, next)}`);
      open.tag.text = body.slice(open.from, next).replace(/<[^>]*>/g, "");
      continue;
    }
    const tag: Tag = {
      name,
      attributes: Object.fromEntries(
        [...attributes.matchAll(attributePattern)].map(([, attribute = "", value = ""]) => [attribute, value]),
      ),
      inside: found.map((one) => one.tag.name),
      text: "",
    };
    tags.push(tag);
    if (!voids.has(name) && closed !== "/") found.push({ tag, from: position });
  }
  if (found.length > 0) throw new Error(`not closed: ${found.map(({ tag }) => tag.name).join(", ")}`);
  return tags;
}
