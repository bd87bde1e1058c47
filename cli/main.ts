/** The `daybreak` command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { addBacktest } from "./commands/backtest";
import { addCost } from "./commands/cost";
import { addDemo } from "./commands/demo";
import { addDeploy } from "./commands/deploy";
import { addDoctor } from "./commands/doctor";
import { addFeed } from "./commands/feed";
import { addInit } from "./commands/init";
import { addList } from "./commands/list";
import { addLocal } from "./commands/local";
import { addModels } from "./commands/models";
import { addOpen } from "./commands/open";
import { addPredict } from "./commands/predict";
import { addPromote } from "./commands/promote";
import { addPulumi } from "./commands/pulumi";
import { addQuarantine } from "./commands/quarantine";
import { addReview } from "./commands/review";
import { addRun } from "./commands/run";
import { addRuns } from "./commands/runs";
import { addSimulate } from "./commands/simulate";
import { addTeardown } from "./commands/teardown";
import { addUp } from "./commands/up";
import { addValidate } from "./commands/validate";
import { failureOf, printFailure } from "./shared/failure";
import { repositoryRoot } from "./shared/paths";
import { codeOf, exitCodes } from "./shared/problem";

/** The version in package.json. */
function version(): string {
  const { version: text }: { version: string } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
  return text;
}

/** The program with all of its commands. */
export function makeProgram(): Command {
  // Usage lines then show the complete command.
  const program = new Command("npx daybreak")
    .description("Automated model management on AWS: from events to a monitored endpoint, and back to training.")
    .version(version())
    .showSuggestionAfterError()
    .showHelpAfterError("(--help shows what is allowed)")
    .configureHelp({ sortSubcommands: false })
    .enablePositionalOptions()
    .commandsGroup("Begin here:")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride();
  const groups: Record<string, ((program: Command) => void)[]> = {
    "Begin here:": [addDoctor, addDemo, addInit, addOpen],
    "A pipeline and its data:": [
      addList,
      addValidate,
      addFeed,
      addRun,
      addRuns,
      addQuarantine,
      addSimulate,
      addTeardown,
    ],
    "Models:": [addModels, addReview, addDeploy, addPromote, addPredict, addBacktest],
    "The local cloud:": [addUp, addPulumi, addLocal],
    "AWS:": [addCost],
  };
  for (const [heading, adds] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const add of adds) add(program);
  }
  return program;
}

/** Prints an error, as text or as JSON, and returns its exit code. */
export function report(error: unknown, json = false): number {
  if (error instanceof CommanderError) {
    // Commander has already printed its message as text; --help also arrives here, with exit code 0.
    if (error.exitCode === 0) return exitCodes.ok;
    if (!json) return exitCodes.usage;
  }
  return printFailure(failureOf(error), json);
}

/** Runs a command line and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await makeProgram().parseAsync([...argv]);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    return report(error, argv.includes("--json"));
  }
}

if (require.main === module) {
  // A reader such as `head` may close the pipe before everything is written.
  process.stdout.on("error", (error) => process.exit(codeOf(error) === "EPIPE" ? exitCodes.ok : exitCodes.failed));
  process.on("uncaughtException", (error) => process.exit(report(error, process.argv.includes("--json"))));
  // The AWS clients' open sockets would otherwise delay the exit.
  main(process.argv).then((code) => process.stdout.write("", () => process.exit(code)));
}
