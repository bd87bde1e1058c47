/** Part of `npm run schema`: writes docs/retention.md. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { retentionPath, retentionText } from "./retention";

writeFileSync(resolve(__dirname, "../..", retentionPath), retentionText());
console.log(`wrote ${retentionPath}`);
