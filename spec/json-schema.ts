/** Generates the JSON Schema with which editors complete and check `pipeline.yaml`. */
import { z } from "zod";
import { eventFieldType, featureType, pipelineSchema } from "./pipeline";
import { typeSpellings } from "./spellings";

/** Path of the schema, relative to the repository's root. */
export const schemaPath = "pipelines/pipeline.schema.json";

/** First line of each pipeline.yaml, which tells the editor where the schema is. */
export const schemaComment = "# yaml-language-server: $schema=../pipeline.schema.json";

interface SchemaNode {
  type?: unknown;
  properties?: Record<string, SchemaNode>;
  enum?: unknown[];
  anyOf?: SchemaNode[];
  [key: string]: unknown;
}

/** Builds the editor schema. It also accepts short forms and alternative spellings of types. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(pipelineSchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => allowShortForms(jsonSchema as SchemaNode),
  });
  return { ...schema, title: "Daybreak pipeline", description: "The configuration of a pipeline: pipeline.yaml." };
}

/** The schema as the file's text. */
export function pipelineJsonSchemaText(): string {
  return `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`;
}

/** Adds what zod leaves out because a preprocessor handles it: alternative spellings and the short form `name: type`. */
function allowShortForms(node: SchemaNode): void {
  // zod adds the largest safe integer as the maximum of unlimited integers.
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  for (const options of [eventFieldType.options, featureType.options]) {
    if (!sameWords(node.enum, options)) continue;
    const spellings = [...typeSpellings].filter(([, type]) => (options as string[]).includes(type));
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
