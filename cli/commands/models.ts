import type { Command } from "commander";
import { pipelineNames } from "../../infra/names";
import { printResult, table } from "../shared/output";
import { listVersions, type ModelVersion, stageName } from "../shared/registry";
import { connect } from "../shared/session";
import { pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

export function addModels(program: Command): void {
  withStackOptions(program.command("models <pipeline>"))
    .description("list a pipeline's model versions with their stage, metrics and as-of day")
    .addHelpText("after", "\nExample:\n  npx daybreak models cdnow")
    .action(async (pipeline: string, options: StackOptions) => {
      readPipeline(pipelinesIn(options), pipeline);
      const versions = await listVersions(pipelineNames(await connect(options, "reads"), pipeline));
      printResult(versions, options, describe);
    });
}

/** "Production" means approved and serving. A version that was rejected after its deployment keeps serving. */
function stageOf({ approval, isServing }: ModelVersion): string {
  if (isServing) return approval === "Approved" ? "Production" : `${stageName(approval)}, serving`;
  return stageName(approval);
}

/** Who started the training, and from where the version was promoted. */
function originOf({ lineage: { started_by = "", promoted_from, promoted_by } }: ModelVersion): string {
  const [, environment, version] = /\/daybreak-([a-z0-9]+)-[^/]+\/(\d+)$/.exec(promoted_from ?? "") ?? [];
  if (environment === undefined) return started_by;
  return `${started_by}; promoted from ${environment} v${version} by ${promoted_by}`;
}

function describe(versions: ModelVersion[]): string {
  if (versions.length === 0) return "No version has been registered yet.";
  const figure = (value: string | undefined) => (value === undefined ? "" : Number(value).toFixed(3));
  const warnings = versions.flatMap(({ version, lineage }) =>
    lineage.warnings === undefined ? [] : [`WARNING for v${version}: ${lineage.warnings}`],
  );
  const list = table(
    ["version", "stage", "AUC", "F1", "threshold", "as of", "started by", "registered"],
    versions.map((one) => [
      `v${one.version}`,
      stageOf(one),
      figure(one.lineage.auc),
      figure(one.lineage.f1),
      figure(one.lineage.threshold),
      one.lineage.as_of ?? "",
      originOf(one),
      one.created.slice(0, 16).replace("T", " "),
    ]),
  );
  return [list, ...warnings].join("\n");
}
