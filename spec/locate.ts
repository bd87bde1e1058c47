/** Finds the position of a key or value in a YAML document. */
import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from "yaml";

export type KeyPath = readonly PropertyKey[];

/** Whether to find the value, or the key itself (for a key that should not exist). */
export type Target = "value" | "key";

/** Formats a path: `quality.rows[2].field`. */
export function formatPath(path: KeyPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text;
}

/**
 * The line and column of a path in the document, counted from 1. If the path does not exist, the position of its closest
 * existing parent: a missing key is reported at the key of the mapping that should contain it.
 */
export function locate(
  document: Document,
  lines: LineCounter,
  path: KeyPath,
  target: Target = "value",
): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) break;
      const value = startOf(pair.value);
      const key = startOf(pair.key) ?? offset;
      const wantsKey = (last && target === "key") || isMap(pair.value) || isSeq(pair.value);
      offset = wantsKey ? key : (value ?? key);
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(part)];
      if (item === undefined) break;
      offset = startOf(item) ?? offset;
      node = item;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

/** The value at a path. If the path continues below a scalar (a short form), the scalar. Inherited names such as `constructor` are no keys. */
export function valueAt(root: unknown, path: KeyPath): unknown {
  let value: unknown = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return value;
    value = Object.hasOwn(value, part) ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  }
  return value;
}
