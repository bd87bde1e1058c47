/** Parses YAML and keeps the positions, so that later checks can report line numbers. */
import { type Document, LineCounter, parseDocument } from "yaml";
import { PipelineError } from "./problems";

export interface SourceDocument {
  fileName: string;
  document: Document;
  lines: LineCounter;
  /** The document as plain values. */
  value: unknown;
}

/**
 * Parses YAML text.
 *
 * @throws PipelineError with the positions of all syntax errors
 */
export function readYaml(text: string, fileName: string): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  if (document.errors.length > 0) {
    throw new PipelineError(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { file: fileName, position: { line, column: col }, key: "", message: syntaxMessage(error) };
      }),
    );
  }
  return { fileName, document, lines, value: document.toJS() };
}

function syntaxMessage(error: { code: string; message: string }): string {
  if (error.code === "DUPLICATE_KEY") return "this key is defined twice in the same mapping; keep one of them";
  if (error.code === "TAB_AS_INDENT") return "indented with a tab; YAML allows only spaces";
  return `invalid YAML: ${error.message}`;
}
