/** Removes what workflows made and Pulumi does not know, so that `pulumi destroy` leaves nothing behind. */
import { type Command, Option } from "commander";
import type { Place } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import { listPipelines } from "../../spec/load";
import { confirm } from "../shared/ask";
import { count, printResult, say, table } from "../shared/output";
import { CommandProblem, UsageProblem } from "../shared/problem";
import { ProgressLine } from "../shared/progress-line";
import { connect } from "../shared/session";
import { findMade, kinds, type Made } from "../teardown/made";
import { remove } from "../teardown/remove";
import { pipelinesIn, type StackOptions, withStackOptions } from "./options";

interface TeardownOptions extends StackOptions {
  yes: boolean;
  dryRun: boolean;
}

interface TornDown {
  environment: string;
  region: string;
  /** False if the resources were only listed. */
  removed: boolean;
  resources: { pipeline: string; kind: string; name: string }[];
}

export function addTeardown(program: Command): void {
  withStackOptions(program.command("teardown [pipeline...]"))
    .description("remove what workflows made, before `pulumi destroy`: endpoints, models, versions, tables")
    .addOption(new Option("--dry-run", "list what would be removed, and remove nothing").default(false))
    .addOption(new Option("--yes", "remove it without asking").default(false).conflicts("dryRun"))
    .addHelpText(
      "after",
      `
Without a pipeline, it takes all of the environment, also those that are no longer deployed. It lists first, and asks.

Examples:
  npx daybreak teardown --aws --dry-run
  npx daybreak teardown shop-churn --environment staging`,
    )
    .action(teardown);
}

async function teardown(pipelines: string[], options: TeardownOptions): Promise<void> {
  const place = await connect(options, options.dryRun ? "reads" : "writes");
  const made = await findChosen(place, pipelines, options);
  const result = (removed: boolean): TornDown => ({
    environment: place.environment,
    region: place.region,
    removed,
    resources: made.map(({ pipeline, kind, name }) => ({ pipeline, kind, name })),
  });
  if (made.length === 0 || options.dryRun) return printResult(result(false), options, () => describe(made));
  say(`${describe(made)}\n`);
  const mayAsk = !options.json;
  const isAgreed =
    options.yes || (mayAsk && (await confirm(`Remove ${many(made.length)} for good? Predictions stop at once.`)));
  if (!isAgreed) {
    throw new CommandProblem(
      "Nothing was removed.",
      `To remove all of this without a question: ${commandLine(["teardown", ...pipelines, "--yes"], options)}`,
    );
  }
  await removeAll(made, options.json);
  printResult(result(true), options, () => `Removed ${many(made.length)}. ${next}`);
}

/** What is left of the chosen pipelines, in the order of removal. */
async function findChosen(place: Place, pipelines: readonly string[], options: StackOptions): Promise<Made[]> {
  const found = await findMade(place);
  const known = [...found.keys(), ...listPipelines(pipelinesIn(options))];
  const unknown = pipelines.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageProblem(
      `There is no pipeline ${unknown}, and nothing that one of this name made.`,
      `There are ${[...new Set(known)].sort().join(", ")}.`,
    );
  }
  const chosen = [...found].filter(([name]) => pipelines.length === 0 || pipelines.includes(name));
  const made = chosen.flatMap(([, resources]) => resources);
  return made.sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind));
}

/** Removes one after the other: what ends workflows must have ended them before the rest goes. */
async function removeAll(made: readonly Made[], silent: boolean): Promise<void> {
  const progress = new ProgressLine(silent);
  let done = 0;
  let current = made[0];
  const end = progress.begin(() => `Removing ${done + 1} of ${made.length}: ${current?.kind} ${current?.name}`);
  try {
    for (const one of made) {
      current = one;
      await remove(one);
      done += 1;
      if (one.kind === "endpoint") progress.print(`The endpoint ${one.name} is deleted`);
    }
  } finally {
    end();
  }
}

const many = (resources: number) => `${count(resources)} ${resources === 1 ? "resource" : "resources"}`;

/** As many names as a line has room for. */
const shownNames = 3;

/** A table with a line for each kind of each pipeline. */
function describe(made: readonly Made[]): string {
  if (made.length === 0) return `There is nothing to remove. ${next}`;
  const pipelines = [...new Set(made.map(({ pipeline }) => pipeline))].sort();
  const rows = pipelines.flatMap((pipeline) =>
    kinds.flatMap((kind) => {
      const names = made.filter((one) => one.pipeline === pipeline && one.kind === kind).map(({ name }) => name);
      const more = names.length > shownNames ? `, and ${count(names.length - shownNames)} more` : "";
      const shown = `${names.slice(0, shownNames).join(", ")}${more}`;
      return names.length === 0 ? [] : [[pipeline, kind, names.length, shown]];
    }),
  );
  return table(["pipeline", "what", "number", "names"], rows);
}

const next =
  "Destroy the stack, or take the pipeline out of it, at once: until then a schedule or an approval may make more.";
