/** An error that the user can act on: what happened, and what to do. */
export class LocalProblem extends Error {
  override readonly name = "LocalProblem";

  constructor(
    readonly what: string,
    readonly remedy = "",
    readonly code?: string,
  ) {
    super(remedy === "" ? what : `${what}\n  ${remedy.replaceAll("\n", "\n  ")}`);
  }
}
