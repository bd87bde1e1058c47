/** Generates the reference `docs/pipelines.md` from the schema. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pipelineJsonSchema } from "./json-schema";

/** Path of the reference, relative to the repository's root. */
export const referencePath = "docs/pipelines.md";

const introductionPath = "spec/reference-introduction.md";

interface Node {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Node>;
  required?: string[];
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

/** The text of the reference: the introduction, then one table per top-level key. */
export function referenceText(root: string): string {
  const schema = pipelineJsonSchema() as Node;
  const sections = Object.entries(schema.properties ?? {}).flatMap(([name, node]) => section(name, node));
  const simple = Object.entries(schema.properties ?? {}).filter(([, node]) => node.properties === undefined);
  const top = [
    "### Top level",
    "",
    ...table(simple.flatMap(([name, node]) => rows(name, node, isRequired(schema, name)))),
  ];
  return [
    readFileSync(resolve(root, introductionPath), "utf8").trimEnd(),
    "",
    "## pipeline.yaml",
    "",
    ...top,
    ...sections,
    "",
  ].join("\n");
}

function section(name: string, node: Node): string[] {
  if (node.properties === undefined) return [];
  const inner = Object.entries(node.properties).flatMap(([key, child]) => rows(key, child, isRequired(node, key)));
  return ["", `### ${name}`, "", ...(node.description ? [node.description, ""] : []), ...table(inner)];
}

function isRequired(parent: Node, name: string): boolean {
  return parent.required?.includes(name) === true && parent.properties?.[name]?.default === undefined;
}

function table(lines: string[]): string[] {
  return ["| key | value | default | meaning |", "| --- | --- | --- | --- |", ...lines];
}

function rows(name: string, node: Node, required: boolean): string[] {
  const fallback = required ? "**required**" : node.default === undefined ? "" : code(JSON.stringify(node.default));
  const own = `| \`${name}\` | ${takes(node)} | ${fallback} | ${cell(node.description ?? "")} |`;
  return [own, ...children(node).flatMap(([key, child, must]) => rows(`${name}${key}`, child, must))];
}

/** The keys below a key: members of an object, of a record's values, or of the kinds of list items. */
function children(node: Node): [string, Node, boolean][] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).map(([key, child]) => [`.${key}`, child, isRequired(node, key)]);
  }
  if (typeof node.additionalProperties === "object") return prefixed(".<name>", longForm(node.additionalProperties));
  if (node.items !== undefined) {
    const kinds = node.items.oneOf ?? node.items.anyOf ?? [];
    return kinds.map((kind) => [
      `[] ${String(kind.properties?.rule?.const)}`,
      { ...withoutRule(kind), type: "rule", description: members(kind) },
      true,
    ]);
  }
  return [];
}

function prefixed(prefix: string, node: Node): [string, Node, boolean][] {
  return Object.entries(node.properties ?? {}).map(([key, child]) => [
    `${prefix}.${key}`,
    child,
    isRequired(node, key),
  ]);
}

function longForm(node: Node): Node {
  return node.anyOf?.find((form) => form.properties !== undefined) ?? node;
}

function withoutRule(kind: Node): Node {
  const { properties: _properties, ...rest } = kind;
  return rest;
}

function members(kind: Node): string {
  return Object.entries(kind.properties ?? {})
    .filter(([key]) => key !== "rule")
    .map(
      ([key, child]) =>
        `\`${key}\` (${takes(child)}${isRequired(kind, key) ? "" : ", optional"})${child.description ? `: ${child.description}` : ""}`,
    )
    .join("; ");
}

/** A longer list of values is left to the editor's schema. */
const mostListed = 20;

function takes(node: Node): string {
  if (node.enum !== undefined && node.enum.length > mostListed) return `one of ${node.enum.length} values`;
  if (node.const !== undefined) return code(String(node.const));
  if (node.enum !== undefined) return node.enum.map((value) => code(String(value))).join(", ");
  if (node.anyOf !== undefined) return node.anyOf.map(takes).join(" or ");
  if (node.items !== undefined) return node.items.oneOf ? "a list of rules" : `a list of ${takes(node.items)}`;
  if (node.type === "object") {
    const values = node.additionalProperties;
    const isPlain = typeof values === "object" && prefixed("", longForm(values)).length === 0;
    return isPlain ? `by name: ${takes(values)}` : "keys below";
  }
  return `${node.type ?? "string"}${range(node)}`;
}

/** The limits of a number, such as " from 0 to 1" or " above 0, at most 168"; empty if there are none. */
function range({ minimum, exclusiveMinimum, maximum }: Node): string {
  if (exclusiveMinimum !== undefined) {
    return ` above ${exclusiveMinimum}${maximum === undefined ? "" : `, at most ${maximum}`}`;
  }
  if (minimum === undefined) return maximum === undefined ? "" : ` up to ${maximum}`;
  return maximum === undefined ? ` from ${minimum}` : ` from ${minimum} to ${maximum}`;
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
