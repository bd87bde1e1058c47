/** Problems in a pipeline folder and how they are reported. */

/** A mistake and its position. */
export interface Problem {
  /** Path of the file, relative to the current folder. */
  file: string;
  /** Line and column, counted from 1; absent if the problem is the file itself. */
  position?: { line: number; column: number };
  /** The key as a dotted path, such as `events.fields.quantity.type`; empty for the whole file. */
  key: string;
  /** What was expected, what was found, what to do. */
  message: string;
}

/** Formats a problem as `file:line:column key: message`, which editors and terminals turn into a link. */
export function formatProblem(problem: Problem): string {
  const place = problem.position
    ? `${problem.file}:${problem.position.line}:${problem.position.column}`
    : `${problem.file}`;
  return problem.key === "" ? `${place}: ${problem.message}` : `${place} ${problem.key}: ${problem.message}`;
}

/** A pipeline folder is invalid. The message lists all problems, sorted by file and line. */
export class PipelineError extends Error {
  override readonly name = "PipelineError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const ordered = [...problems].sort(
      (a, b) =>
        a.file.localeCompare(b.file) ||
        (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
        (a.position?.column ?? 0) - (b.position?.column ?? 0),
    );
    super(ordered.map(formatProblem).join("\n"));
    this.problems = ordered;
  }
}
