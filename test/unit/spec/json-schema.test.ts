import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { pipelineJsonSchema, pipelineJsonSchemaText, schemaComment, schemaPath } from "../../../spec/json-schema";
import { listPipelines, loadPipeline } from "../../../spec/load";

const root = resolve(__dirname, "../../..");
const pipelines = resolve(root, "pipelines");

interface SchemaNode {
  description?: string;
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  anyOf?: SchemaNode[];
  enum?: string[];
}

describe("the editor's schema", () => {
  it("is up to date (run npm run schema)", () => {
    expect(readFileSync(resolve(root, schemaPath), "utf8")).toBe(pipelineJsonSchemaText());
  });

  it("accepts the short form of a field and alternative spellings of types", () => {
    const schema = pipelineJsonSchema() as SchemaNode;
    const field = schema.properties?.events?.properties?.fields?.additionalProperties as SchemaNode;
    expect(field.anyOf?.[0]?.enum).toEqual(expect.arrayContaining(["integer", "int", "timestamp"]));
    expect(field.anyOf?.[1]?.properties?.type?.description).toContain("The field's type");
  });

  it("describes every section", () => {
    const schema = pipelineJsonSchema() as SchemaNode;
    expect(Object.keys(schema.properties ?? {})).toEqual(
      expect.arrayContaining(["events", "quality", "features", "label", "training", "gates", "serving", "monitoring"]),
    );
  });
});

describe("the pipelines of this repository", () => {
  it.each(listPipelines(pipelines))("are valid and name the schema in the first line: %s", (name) => {
    expect(loadPipeline(resolve(pipelines, name)).name).toBe(name);
    const text = readFileSync(resolve(pipelines, name, "pipeline.yaml"), "utf8");
    expect(text.split("\n")[0]).toBe(schemaComment);
  });
});
