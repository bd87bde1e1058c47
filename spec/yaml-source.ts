/** A YAML file read so that a mistake found later can still be traced to its line. */
import { type Document, LineCounter, parseDocument } from "yaml";
import { PipelineError } from "./problems";

export interface SourceDocument {
  fileName: string;
  document: Document;
  lines: LineCounter;
  /** The document as plain values. */
  value: unknown;
}

/** Parses YAML text, or throws a PipelineError with every syntax error's place. */
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
  if (error.code === "DUPLICATE_KEY") return "this key is written twice in the same mapping; keep one of them";
  if (error.code === "TAB_AS_INDENT") return "a tab is used to indent; YAML takes spaces only";
  return `not valid YAML: ${error.message}`;
}
