/** Part of `npm run schema`: writes the table of docs/security.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { securityPath, securityText } from "./security/page";
import { repositoryRoot } from "./shared/paths";

async function write(): Promise<void> {
  const file = join(repositoryRoot, securityPath);
  writeFileSync(file, await securityText(readFileSync(file, "utf8")));
  console.log(`wrote ${securityPath}`);
}

void write();
