/** How commands fail: what people read, what programs parse, and the exit code. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetFunctionUrlConfigCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { LocalProblem } from "@daybreak/local";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { CloudRegistry } from "../../../cli/clouds/registry";
import { main, makeProgram } from "../../../cli/main";
import { allCommands } from "../../../cli/reference";
import { failureOf, printFailure } from "../../../cli/shared/failure";
import { daybreakHome } from "../../../cli/shared/paths";
import { CommandProblem, exitCodes } from "../../../cli/shared/problem";
import { type CapturedOutput, captureOutput } from "./captured-output";

const stepFunctions = mockClient(SFNClient);
const lambda = mockClient(LambdaClient);
const sts = mockClient(STSClient);
let folder: string;
let printed: CapturedOutput;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "failures-"));
  printed = captureOutput();
  for (const mock of [stepFunctions, sts]) mock.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012" });
  process.env.AWS_REGION = "us-east-1";
  // Whatever runs on this machine.
  jest.spyOn(CloudRegistry.prototype, "running").mockReturnValue([]);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const daybreak = (...args: string[]) => main(["node", "daybreak", ...args]);

/** The failure that a command printed; stdout must be one JSON value. */
function printedFailure(): Record<string, unknown> {
  const value: { error: Record<string, unknown> } = JSON.parse(printed.stdout);
  expect(Object.keys(value)).toEqual(["error"]);
  return value.error;
}

const leaves = allCommands(makeProgram()).filter(({ command }) => command.commands.length === 0);
/** The Pulumi CLI prints what it prints. */
const withJson = leaves.filter(({ path }) => path !== "pulumi");

describe("with --json, a failure is JSON and stdout holds nothing else", () => {
  test.each(withJson.map(({ path }) => path))("%s, called wrongly", async (path) => {
    expect(await daybreak(...path.split(" "), "--no-such-option", "--json")).toBe(2);
    expect(printedFailure()).toEqual({
      ...{ kind: "usage", exit_code: 2 },
      message: expect.stringMatching(/unknown option '--no-such-option'|required option/),
      remedy: expect.stringMatching(/\S/),
    });
  });

  /** Each command with a pipeline that does not exist, or another mistake that is found before anything starts. */
  const mistakes: Record<string, string[]> = {
    demo: ["--pipeline", "cdnw"],
    validate: ["cdnw"],
    feed: ["cdnw", "events.csv"],
    run: ["cdnw"],
    "quarantine list": ["cdnw"],
    "quarantine show": ["cdnw"],
    "quarantine replay": ["cdnw", "--reason", "why"],
    release: ["cdnw", "run-1", "--reason", "why"],
    models: ["cdnw"],
    approve: ["cdnw", "1", "--reason", "why"],
    reject: ["cdnw", "1", "--reason", "why"],
    predict: ["cdnw", "1"],
    up: ["--pipeline", "cdnw"],
    dev: ["--pipeline", "cdnw"],
    simulate: ["x.jsonl", "--incidents", "flood"],
  };

  test.each(Object.entries(mistakes))("%s %j", async (path, args) => {
    const code = await daybreak(...path.split(" "), ...args, "--json");
    const failure = printedFailure();
    expect(failure).toMatchObject({ kind: "usage", exit_code: code, message: expect.stringMatching(/cdnw|flood/) });
    expect(code).toBe(2);
  });

  test("the mistakes of a pipeline's folder, each with its position", async () => {
    await daybreak("validate", "cdnw", "--json");
    expect(printedFailure().problems).toEqual([
      expect.objectContaining({ file: "pipelines", message: expect.stringContaining("did you mean cdnow?") }),
    ]);
  });

  test("a command that is missing or unknown", async () => {
    expect(await daybreak("quarantine", "--json")).toBe(2);
    expect(printedFailure().message).toMatch(/unknown option '--json'|A command is missing/);
    printed.stdout = "";
    expect(await daybreak("dem", "--json")).toBe(2);
    expect(printedFailure().message).toMatch(/^unknown command 'dem'\n\(Did you mean .*demo/);
  });

  test("an error of AWS", async () => {
    stepFunctions.on(StartExecutionCommand).rejects(
      Object.assign(new Error("User: me is not authorized to perform: states:StartExecution"), {
        name: "AccessDeniedException",
        $metadata: {},
      }),
    );
    // Duties are not separate here: there is no Lambda that starts runs in somebody's name.
    lambda
      .on(GetFunctionUrlConfigCommand)
      .rejects(Object.assign(new Error("none"), { name: "ResourceNotFoundException" }));
    expect(await daybreak("run", "cdnow", "--aws", "--json")).toBe(1);
    expect(printedFailure()).toEqual({
      ...{ kind: "failed", exit_code: 1 },
      message: "AccessDeniedException: User: me is not authorized to perform: states:StartExecution",
      remedy: expect.stringContaining("permission"),
    });
  });
});

describe("without --json, stdout stays empty and no stack trace is shown", () => {
  const explained: [string, unknown, RegExp][] = [
    ["a problem", new CommandProblem("It broke.", "Mend it."), /^\nError: It broke\.\n {2}Mend it\.\n$/],
    ["one of the local cloud", new LocalProblem("It ended.", "Start it."), /^\nError: It ended\.\n {2}Start it\.\n$/],
    [
      "a missing folder",
      Object.assign(new Error("ENOENT: no such file or directory, open '/x/y'"), { code: "ENOENT", path: "/x/y" }),
      /^\nError: \/x\/y: there is no such file or folder\.\n/,
    ],
    [
      "credentials that have expired",
      Object.assign(new Error("The security token has expired"), { name: "ExpiredTokenException", $metadata: {} }),
      /Log in again/,
    ],
    [
      "a defect",
      new TypeError("x is undefined"),
      /^\nError: x is undefined\n {2}This is unexpected\. .*error\.log, which has the stack trace\.\n$/,
    ],
    ["a value that is no error", "odd", /^\nError: odd\n/],
  ];

  test.each(explained)("%s", (_, error, expected) => {
    expect(printFailure(failureOf(error), false)).toBe(1);
    expect(printed.stderr).toMatch(expected);
    expect(printed.stderr).not.toMatch(/^\s+at /m);
    expect(printed.stdout).toBe("");
  });

  test("a defect's stack trace is in a file", () => {
    const log = join(daybreakHome, "logs", "error.log");
    failureOf(new TypeError("x is undefined"));
    expect(existsSync(log)).toBe(true);
    expect(readFileSync(log, "utf8")).toMatch(/TypeError: x is undefined\n\s+at /);
  });

  test("the file of simulated events cannot be written", async () => {
    expect(await daybreak("simulate", join(folder, "none", "x.jsonl"), "--days", "1", "--users", "5")).toBe(1);
    expect(printed.stderr).toContain(
      `\nError: ${join(folder, "none", "x.jsonl")}: there is no such file or folder.\n  Check the path.\n`,
    );
    printed.stderr = "";
    writeFileSync(join(folder, "file"), "");
    expect(await daybreak("simulate", join(folder, "file", "x.jsonl"), "--days", "1", "--users", "5")).toBe(1);
    expect(printed.stderr).toMatch(/a part of this path is a file/);
    printed.stderr = "";
    expect(await daybreak("simulate", folder, "--days", "1", "--users", "5")).toBe(1);
    expect(printed.stderr).toMatch(/this is a folder, a file was expected/);
  });

  test("an interrupted command", () => {
    const failure = failureOf(new CommandProblem("The demo was interrupted.", "", exitCodes.interrupted));
    expect(printFailure(failure, true)).toBe(130);
    expect(printedFailure()).toMatchObject({ kind: "interrupted", exit_code: 130 });
  });
});
