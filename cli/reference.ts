/** The reference of the command line (docs/commands.md), from the commands' own help. */
import type { Command } from "commander";
import { makeProgram } from "./main";

export const commandsPath = "docs/commands.md";
const columns = 100;

const introduction = `# Commands

Run the commands in a clone of the repository, in any of its folders. The first one installs the dependencies.

- \`--json\` prints one JSON value on stdout, and nothing else. A failure prints \`{"error": {"kind", "message", "remedy", "exit_code"}}\`.
- Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
- Progress goes to stderr.

\`npm run schema\` generates this page from the commands' \`--help\`; before setup, \`--help\` prints from this page.
`;

/** A command and all that are below it, each with its path, such as "quarantine list". */
export function allCommands(command: Command, path = ""): { path: string; command: Command }[] {
  const below = command.commands.flatMap((one) => allCommands(one, `${path} ${one.name()}`.trim()));
  return [{ path, command }, ...below];
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => columns,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim();
}

/** The text of docs/commands.md. setup/help.mjs reads its sections. */
export function commandsText(): string {
  const sections = allCommands(makeProgram()).map(
    ({ path, command }) => `## ${["npx daybreak", path].join(" ").trim()}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  );
  return [introduction, ...sections].join("\n");
}
