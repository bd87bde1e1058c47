/** How a command fails: with an error message and an exit code. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** An error that the user can fix. It is shown without a stack trace and includes a remedy. */
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

/** An invalid command line: exit code 2. */
export class UsageProblem extends CommandProblem {
  override readonly name: string = "UsageProblem";

  constructor(what: string, remedy = "") {
    super(what, remedy, exitCodes.usage);
  }
}

/** A property of what was thrown, by its name: an error of another realm is not an `instanceof Error`. */
function propertyOf(error: unknown, property: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, property) : undefined;
}

function textOf(error: unknown, property: "message" | "name" | "code"): string | undefined {
  const value = propertyOf(error, property);
  return typeof value === "string" ? value : undefined;
}

export const messageOf = (error: unknown): string => textOf(error, "message") ?? String(error);

/** The `name` of an AWS error, such as ResourceNotFoundException. */
export const nameOf = (error: unknown): string => textOf(error, "name") ?? "";

/** The `code` of a Node system error, such as ENOENT. */
export const codeOf = (error: unknown): string => textOf(error, "code") ?? "";

/** The error that caused this one, if any. */
export const causeOf = (error: unknown): unknown => propertyOf(error, "cause");
