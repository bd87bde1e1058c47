/** Part of `npm run schema`: writes docs/pipelines.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { referencePath, referenceText } from "./reference";

const root = resolve(__dirname, "..");
const path = resolve(root, referencePath);
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, referenceText(root));
console.log(`wrote ${referencePath}`);
