/** How a command fails: with a text for people and an exit code for scripts. */
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

/** A property of what was thrown, by its name: an error of another realm is no `instanceof Error`. */
function textOf(error: unknown, property: "message" | "name" | "code"): string | undefined {
  const value: unknown = typeof error === "object" && error !== null ? Reflect.get(error, property) : undefined;
  return typeof value === "string" ? value : undefined;
}

export const messageOf = (error: unknown): string => textOf(error, "message") ?? String(error);

/** The `name` that AWS gives its errors, such as ResourceNotFoundException. */
export const nameOf = (error: unknown): string => textOf(error, "name") ?? "";

/** The `code` that Node gives the errors of the system, such as ENOENT. */
export const codeOf = (error: unknown): string => textOf(error, "code") ?? "";
