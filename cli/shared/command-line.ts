/** Command lines that messages suggest: they work when pasted, and address what the command that suggests them addressed. */

/** The command's own choice of a stack. */
export interface Chosen {
  aws?: boolean;
  environment?: string | undefined;
  port?: number | undefined;
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./…-]+$/.test(word) ? word : `"${word.replaceAll(/(["\\$`])/g, "\\$1")}"`;
}

/** `npx daybreak` with these words. */
export function commandLine(words: readonly (string | number)[], { aws, environment, port }: Chosen = {}): string {
  const target = [
    ...(environment === undefined ? [] : ["--environment", environment]),
    ...(aws === true && environment === undefined ? ["--aws"] : []),
    ...(port === undefined ? [] : ["--port", port]),
  ];
  return ["npx daybreak", ...[...words, ...target].map((word) => quoted(String(word)))].join(" ");
}
