/** Part of `npm run schema`: writes the editor schema. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pipelineJsonSchemaText, schemaPath } from "./json-schema";

const path = resolve(__dirname, "..", schemaPath);
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, pipelineJsonSchemaText());
console.log(`wrote ${schemaPath}`);
