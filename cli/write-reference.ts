/** Part of `npm run schema`: writes docs/commands.md. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandsPath, commandsText } from "./reference";
import { repositoryRoot } from "./shared/paths";

writeFileSync(join(repositoryRoot, commandsPath), commandsText());
console.log(`wrote ${commandsPath}`);
