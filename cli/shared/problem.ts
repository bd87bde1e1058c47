/** What a command ends with when something is wrong: a text for the person, and the exit code for scripts. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Something the person can act on: shown without a stack, with what to do. */
export class CommandProblem extends Error {
  override readonly name: string = "CommandProblem";

  /**
   * @param what what happened, where, and what was expected
   * @param remedy what to do about it
   */
  constructor(
    readonly what: string,
    readonly remedy = "",
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(remedy === "" ? what : `${what}\n  ${remedy.replaceAll("\n", "\n  ")}`);
  }
}

/** The command was called wrongly: exit code 2. */
export class UsageProblem extends CommandProblem {
  override readonly name: string = "UsageProblem";

  constructor(what: string, remedy = "") {
    super(what, remedy, exitCodes.usage);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `name` that AWS gives its errors, such as ResourceNotFoundException. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
