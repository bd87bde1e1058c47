/** Commands of the AWS CLI that a finding suggests. */

/** A word as the shell takes it. A single quote within single quotes has to end and begin them again. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** `aws` with these words and options. */
export function awsCommand(words: readonly string[], options: Readonly<Record<string, string | number>>): string {
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, quoted(String(value))]);
  return ["aws", ...words, ...given].join(" ");
}
