/** `npm run schema`: writes every contract's JSON Schema, and removes those of contracts that are gone. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { catalog } from "./catalog";
import { schemasFolder, schemaText } from "./json-schema";

const folder = resolve(__dirname, "..", schemasFolder);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of Object.keys(catalog)) writeFileSync(join(folder, `${name}.json`), schemaText(name));
console.log(`wrote ${Object.keys(catalog).length} schemas to ${schemasFolder}/`);
