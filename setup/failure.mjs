/** How setup's programs fail: a message and what to do; as JSON on stdout with `--json`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOGS, shown } from "./paths.mjs";
import { Problem } from "./problem.mjs";

/** An error without a remedy of its own is a defect: the stack trace goes to a file. */
function asProblem(error) {
  if (error instanceof Problem) return error;
  const log = join(LOGS, "error.log");
  mkdirSync(LOGS, { recursive: true });
  writeFileSync(log, `${error?.stack ?? error}\n`);
  return new Problem(
    `Setup failed unexpectedly: ${error?.message ?? error}`,
    `The stack trace is in ${shown(log)}. Please report it with this file.`,
  );
}

/** Prints an error and sets the exit code. */
export function showFailure(error, args = []) {
  const { what, remedy, message, exitCode } = asProblem(error);
  if (args.includes("--json")) {
    const kind = exitCode === 2 ? "usage" : exitCode > 128 ? "interrupted" : "failed";
    const value = { error: { kind, message: what, remedy, exit_code: exitCode } };
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  } else process.stderr.write(`\nError: ${message}\n`);
  process.exitCode = exitCode;
}
