/** `npm run faults`: runs the loop with a fault at every stage, and compares each end with the fault-free one. */

import { endChildren } from "@daybreak/local";
import { Command } from "commander";
import { report } from "../cli/main";
import { printResult, say } from "../cli/shared/output";
import { exitCodes } from "../cli/shared/problem";
import { faults } from "./catalogue";
import { chosenFaults } from "./plan";
import { describeResult } from "./result";
import { runFaults } from "./run";

interface Options {
  only: string[];
  list: boolean;
  json: boolean;
}

const program = new Command("npm run faults --")
  .description(
    "Runs a small loop in a local cloud without faults, then with a kill at every stage, and compares the ends: events, quarantine, features, training sets, metrics, versions, endpoint. Exits with 1 if any differs.",
  )
  .option("--only <name...>", "only these faults, by name or stage, such as transform", [])
  .option("--list", "list the faults without running any", false)
  .option("--json", "print the result as JSON on stdout", false)
  .exitOverride()
  .action(faultsCommand);

async function faultsCommand(options: Options): Promise<void> {
  const chosen = chosenFaults(faults, options.only);
  if (options.list) {
    const listed = chosen.map(({ name, stage, title }) => ({ name, stage, title }));
    printResult(listed, options, () =>
      listed.map((one) => `${one.stage.padEnd(10)} ${one.name.padEnd(26)} ${one.title}`).join("\n"),
    );
    return;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  const result = await runFaults(chosen);
  printResult(result, options, describeResult);
  if (!result.ok) process.exitCode = 1;
}

/** Ends everything that was started, then this process. */
function stop(): void {
  say("Stopping the local cloud");
  void endChildren().finally(() => process.exit(exitCodes.interrupted));
}

program
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = report(error, process.argv.includes("--json"));
  })
  .finally(() => process.stdout.write("", () => process.exit()));
