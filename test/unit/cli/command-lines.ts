/** Finds command lines in texts, and gives them to the real command line without carrying them out. */
import type { Command } from "commander";
import { makeProgram } from "../../../cli/main";
import { allCommands } from "../../../cli/reference";

const start = /npx daybreak(?= |$)/g;

/**
 * The arguments of each command line that a text quotes. Like a shell, it takes a quoted word as one; a line's end, a backtick, a
 * pipe, two spaces, a comment or punctuation ends the command line.
 */
export function commandLines(text: string): string[][] {
  return [...text.matchAll(start)].map(({ index }) => words(text.slice(index + "npx daybreak".length)));
}

function words(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  for (;;) {
    // A template's expression stands for a word; an escaped quote is one of the quoted text's.
    const word = /^ (?! )(?:\$\{[^}]*\}|\\?"[^"`\n\\]*\\?"|'[^'`\n]*'|[^\s"'`|()#;,…\\$]+|\$(?!\{))+/.exec(rest)?.[0];
    if (word === undefined) return found;
    rest = rest.slice(word.length);
    const argument = word
      .trim()
      .replace(/\$\{[^}]*\}/g, "1")
      .replace(/\\?["']/g, "");
    const ends = /[.:]$/.test(argument) && !/\.\w+$/.test(argument);
    found.push(ends ? argument.replace(/[.:]+$/, "") : argument);
    if (ends) return found;
  }
}

/** Parses a command line as the real program does, and does nothing; the error where it would be refused. */
export async function refusalOf(args: readonly string[]): Promise<string | undefined> {
  const program = makeProgram();
  for (const { command } of allCommands(program)) silence(command);
  try {
    await program.parseAsync(["node", "daybreak", ...args]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function silence(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
}
