/** The pipelines that there are: in the folder, and deployed. */
import type { Command } from "commander";
import type { ModelQuality } from "../../contracts/model-quality";
import { type Place, pipelineNames } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import { listPipelines, loadPipeline, PipelineError } from "../../spec/load";
import { outcomeOf } from "../runs/describe";
import { deployedPipelines } from "../runs/machines";
import { type RunRecord, recentRuns } from "../runs/record";
import { printResult, say, table } from "../shared/output";
import { CommandProblem } from "../shared/problem";
import { newestQuality, qualityText } from "../shared/quality";
import { listVersions } from "../shared/registry";
import { connect } from "../shared/session";
import { pipelinesIn, type StackOptions, withStackOptions } from "./options";

interface Listed {
  pipeline: string;
  /** null if the folder has none of this name. */
  description: string | null;
  /** Whether its folder has mistakes; null if there is no folder. */
  valid: boolean | null;
  /** null if no stack could be asked. */
  deployed: boolean | null;
  versions: number;
  serving: number | null;
  awaiting_approval: number[];
  last_run: RunRecord | null;
  /** The newest check of the serving version's quality; null before the first one. */
  quality: ModelQuality | null;
}

export function addList(program: Command): void {
  withStackOptions(program.command("list"))
    .description("list the pipelines: what is deployed, which version serves, how the last run ended")
    .addHelpText("after", "\nExample:\n  npx daybreak list")
    .action(async (options: StackOptions) => {
      const folder = pipelinesIn(options);
      const place = await placeIfAny(options);
      const deployed = place === undefined ? undefined : await deployedPipelines(place);
      const names = [...new Set([...listPipelines(folder), ...(deployed ?? [])])].sort();
      const listed = await Promise.all(
        names.map(async (name): Promise<Listed> => {
          const isDeployed = deployed?.includes(name) ?? null;
          return {
            ...{ pipeline: name, ...inFolder(folder, name), deployed: isDeployed },
            ...(place !== undefined && isDeployed === true ? await inStack(place, name) : nothingDeployed),
          };
        }),
      );
      printResult(listed, options, (all) => describe(all, options));
    });
}

/** The stack, if there is one to ask: the folder can be listed without. */
async function placeIfAny(options: StackOptions): Promise<Place | undefined> {
  try {
    return await connect(options, "reads");
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error;
    say(`What is deployed is unknown: ${error.message}\n`);
    return undefined;
  }
}

function inFolder(folder: string, name: string): Pick<Listed, "description" | "valid"> {
  if (!listPipelines(folder).includes(name)) return { description: null, valid: null };
  try {
    return { description: loadPipeline(`${folder}/${name}`).description, valid: true };
  } catch (error) {
    if (error instanceof PipelineError) return { description: null, valid: false };
    throw error;
  }
}

type InStack = Pick<Listed, "versions" | "serving" | "awaiting_approval" | "last_run" | "quality">;
const nothingDeployed: InStack = { versions: 0, serving: null, awaiting_approval: [], last_run: null, quality: null };

async function inStack(place: Place, name: string): Promise<InStack> {
  const [versions, runs, quality] = await Promise.all([
    listVersions(pipelineNames(place, name)),
    recentRuns(place, [name], 1),
    newestQuality(place, name),
  ]);
  return {
    versions: versions.length,
    serving: versions.find(({ isServing }) => isServing)?.version ?? null,
    awaiting_approval: versions
      .filter(({ approval }) => approval === "PendingManualApproval")
      .map(({ version }) => version),
    last_run: runs[0] ?? null,
    quality: quality ?? null,
  };
}

function describe(listed: readonly Listed[], { pipelines }: StackOptions): string {
  if (listed.length === 0) return "There is no pipeline yet. Make one: npx daybreak init my-shop --from events.csv";
  const rows = table(
    ["pipeline", "serves", "awaits approval", "last run", "description"],
    listed.map((one) => [one.pipeline, servesText(one), ...stackText(one), descriptionText(one, pipelines)]),
  );
  const judged = listed.flatMap(({ pipeline, quality }) =>
    quality === null ? [] : `Quality of ${pipeline}: ${qualityText(quality)}`,
  );
  return [rows, ...(judged.length === 0 ? [] : [""]), ...judged].join("\n");
}

function servesText({ deployed, serving }: Listed): string {
  if (deployed === null) return "";
  if (!deployed) return "not deployed";
  return serving === null ? "nothing" : `v${serving}`;
}

function stackText({ awaiting_approval: awaiting, last_run: run }: Listed): [string, string] {
  const ended = run === null ? "" : `${outcomeOf(run)}, ${run.started_at.slice(0, 16).replace("T", " ")} UTC`;
  return [awaiting.map((version) => `v${version}`).join(", "), ended];
}

function descriptionText({ pipeline, description, valid }: Listed, pipelines: string | undefined): string {
  if (valid === null) return "(its folder is elsewhere)";
  return valid ? (description ?? "") : `(not valid: ${commandLine(["validate", pipeline], { pipelines })})`;
}
