/** Command lines that messages and alerts suggest: they work when pasted, and address the stack that the message is about. */

/** The stack that a command addresses, and the folder of its pipelines, as the command's options. */
export interface Chosen {
  pipelines?: string | undefined;
  aws?: boolean;
  environment?: string | undefined;
  port?: number | undefined;
}

/** A word, quoted for the shell if necessary. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replaceAll(/(["\\$`])/g, "\\$1")}"`;
}

/** `npx daybreak` with these words. */
export function commandLine(words: readonly (string | number)[], chosen: Chosen = {}): string {
  const { pipelines, aws, environment, port } = chosen;
  const options = [
    ...(pipelines === undefined ? [] : ["--pipelines", pipelines]),
    ...(environment === undefined ? [] : ["--environment", environment]),
    ...(aws === true && environment === undefined ? ["--aws"] : []),
    ...(port === undefined ? [] : ["--port", port]),
  ];
  return ["npx daybreak", ...[...words, ...options].map((word) => quoted(String(word)))].join(" ");
}
