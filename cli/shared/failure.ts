/** Explains whatever a command throws: the text for people, the JSON for programs, and the exit code. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalProblem } from "@daybreak/local";
import { CommanderError } from "commander";
import { PipelineError } from "../../spec/load";
import type { Problem } from "../../spec/problems";
import { daybreakHome, shownPath } from "./paths";
import { CommandProblem, codeOf, exitCodes, messageOf, nameOf } from "./problem";
import { connectionProblem } from "./session";

export interface Failure {
  kind: "failed" | "usage" | "interrupted";
  /** What happened, where, and what was expected. */
  message: string;
  /** What to do; empty if the message says it. */
  remedy: string;
  /** The mistakes in a pipeline's folder, each with its position. */
  problems?: readonly Problem[];
}

const failed = (message: string, remedy: string): Failure => ({ kind: "failed", message, remedy });

const codeOfKind = { failed: exitCodes.failed, usage: exitCodes.usage, interrupted: exitCodes.interrupted } as const;

/** The explanation of a thrown value. */
export function failureOf(thrown: unknown): Failure {
  const error = connectionProblem(thrown) ?? thrown;
  if (error instanceof CommandProblem) {
    const { what, remedy, exitCode } = error;
    const kind = exitCode === exitCodes.usage ? "usage" : exitCode === exitCodes.interrupted ? "interrupted" : "failed";
    return { kind, message: what, remedy };
  }
  if (error instanceof LocalProblem) return failed(error.what, error.remedy);
  if (error instanceof PipelineError) {
    return { kind: "usage", message: error.message, remedy: "", problems: error.problems };
  }
  if (error instanceof CommanderError) {
    // Commander's code for a command line that ends where a command is expected.
    const message = error.code === "commander.help" ? "A command is missing." : error.message.replace(/^error: /, "");
    return { kind: "usage", message, remedy: "--help shows what is allowed." };
  }
  return fromAws(error) ?? fromSystem(error) ?? unexpected(error);
}

/** Prints a failure: as JSON on stdout for programs, otherwise as text on stderr. Returns the exit code. */
export function printFailure(failure: Failure, json: boolean): number {
  const { kind, message, remedy, problems } = failure;
  const exitCode = codeOfKind[kind];
  if (json) {
    const error = { kind, message, remedy, exit_code: exitCode, ...(problems === undefined ? {} : { problems }) };
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  } else {
    const advice = remedy === "" ? "" : `\n  ${remedy.replaceAll("\n", "\n  ")}`;
    process.stderr.write(`\nError: ${message}${advice}\n`);
  }
  return exitCode;
}

const awsRemedies: readonly [RegExp, string][] = [
  [
    /^(AccessDenied|Unauthorized|NotAuthorized|Forbidden)/,
    "Your credentials lack this permission: use a role that has it.",
  ],
  [
    /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/,
    "Log in again, or correct your AWS credentials (aws sts get-caller-identity checks them).",
  ],
  [/^(CredentialsProviderError|TokenProviderError)/, "Provide AWS credentials: set AWS_PROFILE, or run aws configure."],
  [/Throttl|TooManyRequests|LimitExceeded/, "AWS limits the rate of requests: try again later."],
  [/(DoesNotExist|NotFound)/, "Deploy the stack first: `npx daybreak up` locally, `pulumi up` on AWS."],
];

/** An error that an AWS service returned, or the SDK's own about credentials. */
function fromAws(error: unknown): Failure | undefined {
  const name = nameOf(error);
  const isAws = typeof error === "object" && error !== null && ("$metadata" in error || "$fault" in error);
  if (!isAws && !/^(Credentials|Token)ProviderError$/.test(name)) return undefined;
  const remedy = awsRemedies.find(([pattern]) => pattern.test(name))?.[1] ?? "The message is from AWS.";
  return failed(`${name}: ${messageOf(error)}`, remedy);
}

const systemMeanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "you have no permission",
  EPERM: "this is not permitted",
  EISDIR: "this is a folder, a file was expected",
  ENOTDIR: "a part of this path is a file, a folder was expected",
  ENOSPC: "the disk is full",
  EPIPE: "the program that reads the output has ended",
  EROFS: "the file system is read-only",
};

/** An error of the operating system about a file. */
function fromSystem(error: unknown): Failure | undefined {
  const meaning = systemMeanings[codeOf(error)];
  const path: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "path") : undefined;
  if (meaning === undefined) return undefined;
  return failed(typeof path === "string" ? `${path}: ${meaning}.` : messageOf(error), "Check the path.");
}

/** A defect: its stack trace goes to a file, for a bug report. */
function unexpected(error: unknown): Failure {
  const log = join(daybreakHome, "logs", "error.log");
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  mkdirSync(join(daybreakHome, "logs"), { recursive: true });
  writeFileSync(
    log,
    `${new Date().toISOString()} node ${process.versions.node}\n${process.argv.join(" ")}\n${stack}\n`,
  );
  return failed(
    messageOf(error),
    `This is unexpected. To report it, attach ${shownPath(log)}, which has the stack trace.`,
  );
}
