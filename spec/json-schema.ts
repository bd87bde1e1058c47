/** The JSON Schema that editors complete and check `pipeline.yaml` with, made from the zod schema. */
import { z } from "zod";
import { eventFieldType, featureType, pipelineSchema } from "./pipeline";
import { typeSpellings } from "./spellings";

/** Where the schema lives, from the repository's root; a pipeline.yaml names it in its first line. */
export const schemaPath = "pipelines/pipeline.schema.json";

/** The first line of a pipeline.yaml, which tells an editor where its schema is. */
export const schemaComment = "# yaml-language-server: $schema=../pipeline.schema.json";

interface SchemaNode {
  type?: unknown;
  properties?: Record<string, SchemaNode>;
  enum?: unknown[];
  anyOf?: SchemaNode[];
  [key: string]: unknown;
}

/** Builds the editor schema: what a person may write, short forms and habitual spellings included. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(pipelineSchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => allowShortForms(jsonSchema as SchemaNode),
  });
  return { ...schema, title: "Daybreak pipeline", description: "One model pipeline: pipeline.yaml of its folder." };
}

/** The schema as the file's text. */
export function pipelineJsonSchemaText(): string {
  return `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`;
}

/** zod drops what a preprocessor accepts: put the habitual spellings and `name: type` back. */
function allowShortForms(node: SchemaNode): void {
  // zod's "any safe integer" is no limit that a person chose.
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  for (const options of [eventFieldType.options, featureType.options]) {
    if (!sameWords(node.enum, options)) continue;
    const spellings = Object.entries(typeSpellings).filter(([, type]) => (options as string[]).includes(type));
    node.enum = [...options, ...spellings.map(([spelling]) => spelling)];
    return;
  }
  const words = node.properties?.type?.enum;
  if (node.type !== "object" || words === undefined || !words.includes("double")) return;
  const long = { ...node };
  for (const key of Object.keys(node)) delete node[key];
  node.anyOf = [{ type: "string", enum: words }, long];
}

function sameWords(found: unknown[] | undefined, words: readonly string[]): boolean {
  return found?.length === words.length && words.every((word) => found.includes(word));
}
