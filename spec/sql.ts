/** Checks without Spark that a SQL file contains a single query. `daybreak validate` checks the rest with Spark. */

/** Returns the problem with the text of features.sql or label.sql; undefined if there is none. */
export function checkSql(text: string): string | undefined {
  const statements = splitStatements(text);
  if (statements.length === 0) return "contains no query: write one SELECT";
  if (statements.length > 1) return `contains ${statements.length} statements: write one SELECT (or WITH … SELECT)`;
  const word = /^\(*\s*([a-z]+)/i.exec(statements[0] ?? "")?.[1]?.toUpperCase();
  if (word === "SELECT" || word === "WITH") return undefined;
  return `must be one SELECT (or WITH … SELECT), got a statement that starts with ${word ?? JSON.stringify(statements[0]?.slice(0, 20))}`;
}

/** Removes comments and splits at semicolons outside quotes. */
function splitStatements(text: string): string[] {
  const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|;|[^-/'"`;]+|[\s\S]/g;
  const statements = [""];
  for (const [piece] of text.replace(/^\uFEFF/, "").matchAll(token)) {
    if (piece.startsWith("--") || piece.startsWith("/*")) statements.push(`${statements.pop() ?? ""} `);
    else if (piece === ";") statements.push("");
    else statements.push(`${statements.pop() ?? ""}${piece}`);
  }
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}
