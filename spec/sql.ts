/** The little that can be said of a SQL file without Spark: that it is one query. Spark judges the rest. */

/** What is wrong with the text of features.sql or label.sql, or undefined when it may be given to Spark. */
export function checkSql(text: string): string | undefined {
  const statements = splitStatements(text);
  if (statements.length === 0) return "is empty: write one SELECT";
  if (statements.length > 1) return `holds ${statements.length} statements: write one SELECT (WITH … AS is allowed)`;
  const word = /^\(*\s*([a-z]+)/i.exec(statements[0] ?? "")?.[1]?.toUpperCase();
  if (word === "SELECT" || word === "WITH") return undefined;
  return `must be one SELECT (or WITH … SELECT), got a statement that starts with ${word ?? JSON.stringify(statements[0]?.slice(0, 20))}`;
}

/** Comments out, quoted text left whole, split at semicolons. */
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
