/** The `daybreak` command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalProblem } from "@daybreak/local";
import { Command, CommanderError } from "commander";
import { PipelineError } from "../spec/load";
import { addDemo } from "./commands/demo";
import { addFeed } from "./commands/feed";
import { addLocal } from "./commands/local";
import { addModels } from "./commands/models";
import { addPredict } from "./commands/predict";
import { addPulumi } from "./commands/pulumi";
import { addQuarantine } from "./commands/quarantine";
import { addReview } from "./commands/review";
import { addRun } from "./commands/run";
import { addSimulate } from "./commands/simulate";
import { addUp } from "./commands/up";
import { addValidate } from "./commands/validate";
import { repositoryRoot } from "./shared/paths";
import { CommandProblem, exitCodes } from "./shared/problem";

/** The version in package.json. */
function version(): string {
  const { version: text }: { version: string } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
  return text;
}

/** The program with all of its commands. */
export function makeProgram(): Command {
  // The usage lines begin with what a person types.
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
    "Begin here:": [addDemo],
    "A pipeline and its data:": [addValidate, addFeed, addRun, addQuarantine, addSimulate],
    "Models:": [addModels, addReview, addPredict],
    "The local cloud:": [addUp, addPulumi, addLocal],
  };
  for (const [heading, adds] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const add of adds) add(program);
  }
  return program;
}

/** The exit code that an error stands for, after saying it. */
export function report(error: unknown): number {
  // Commander has already written its own message; asking for help is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CommandProblem || error instanceof LocalProblem) {
    process.stderr.write(`\nError: ${error.message}\n`);
    return error instanceof CommandProblem ? error.exitCode : exitCodes.failed;
  }
  if (error instanceof PipelineError) {
    process.stderr.write(`\n${error.message}\n`);
    return exitCodes.usage;
  }
  process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.failed;
}

if (require.main === module) {
  makeProgram()
    .parseAsync()
    .catch((error: unknown) => {
      process.exitCode = report(error);
    })
    // Open sockets of the AWS clients must not hold the command back.
    .finally(() => process.stdout.write("", () => process.exit()));
}
