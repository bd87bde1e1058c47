/** What is wrong with a pipeline folder: one line a problem, each saying where, what was expected and what was found. */

/** One mistake, at a place a person can jump to. */
export interface Problem {
  /** The file as a person would type it. */
  file: string;
  /** Where in the file, from 1; absent when the mistake is the file itself. */
  position?: { line: number; column: number };
  /** The key as a dotted path, such as `events.fields.quantity.type`; empty for the whole file. */
  key: string;
  /** What was expected, what was found, what to do. */
  message: string;
}

/** Writes a problem as `file:line:column key: message`, the form editors and terminals turn into a link. */
export function formatProblem(problem: Problem): string {
  const place = problem.position
    ? `${problem.file}:${problem.position.line}:${problem.position.column}`
    : `${problem.file}`;
  return problem.key === "" ? `${place}: ${problem.message}` : `${place} ${problem.key}: ${problem.message}`;
}

/** A pipeline folder that cannot be used. Its message lists every problem found, in the order of the file. */
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
