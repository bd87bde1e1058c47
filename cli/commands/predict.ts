import type { Command } from "commander";
import { type Prediction, prediction } from "../../contracts/prediction";
import { type PipelineNames, type Place, pipelineNames } from "../../infra/names";
import { commandLine } from "../../lambdas/shared/command-line";
import { findServingModel } from "../../lambdas/shared/serving";
import { ServiceError } from "../../lambdas/shared/signed-call";
import type { PipelineSpec } from "../../spec/pipeline";
import { clients } from "../shared/clients";
import { notDeployed } from "../shared/deployed";
import { sampleEntities } from "../shared/entities";
import { callUrl, refusalOf, urlOf } from "../shared/function-url";
import { printResult } from "../shared/output";
import { CommandProblem, messageOf, nameOf } from "../shared/problem";
import { listVersions } from "../shared/registry";
import { connect } from "../shared/session";
import { pipelinesIn, readPipeline, type StackOptions, withStackOptions } from "./options";

export function addPredict(program: Command): void {
  withStackOptions(program.command("predict <pipeline> <entity>"))
    .description("predict for one entity with the serving model")
    .addHelpText("after", "\nExample:\n  npx daybreak predict cdnow 00004")
    .action(async (pipeline: string, entity: string, options: StackOptions) => {
      const spec = readPipeline(pipelinesIn(options), pipeline);
      const place = await connect(options, "reads");
      const names = pipelineNames(place, pipeline);
      const answer = await predict(names, entity).catch(async (error: unknown) => {
        throw await explain(error, spec, { place, names }, entity, options);
      });
      printResult(answer, options, ({ score, positive, features_as_of, version }) => {
        const says = positive === null ? "" : `${positive ? "" : "not "}${spec.label.name}, `;
        return `${entity}: ${says}score ${score.toFixed(4)} (v${version ?? "?"}, features as of ${features_as_of})`;
      });
    });
}

const functionOf = ({ prefix }: PipelineNames) => `${prefix}-serve-predict`;

/** Asks as a client of the pipeline does: by the Lambda's URL. */
async function predict(names: PipelineNames, entity: string): Promise<Prediction> {
  return prediction.parse(await callUrl(await urlOf(functionOf(names)), { entity }));
}

interface Deployed {
  place: Place;
  names: PipelineNames;
}

/** Why there is no prediction, and how to get one. */
async function explain(
  error: unknown,
  spec: PipelineSpec,
  { place, names }: Deployed,
  entity: string,
  options: StackOptions,
): Promise<unknown> {
  if (nameOf(error) === "ResourceNotFoundException") return notDeployed(spec.name);
  if (nameOf(error) === "AccessDeniedException") return mayNotAsk(spec, messageOf(error));
  if (!(error instanceof ServiceError)) return error;
  const { name, message } = refusalOf(error);
  if (error.status === 403) return mayNotAsk(spec, message);
  const what = `No prediction for ${spec.entity} ${entity}: ${message}`;
  if (name === "EntityNotFound" || name === "StaleFeatures") {
    return new CommandProblem(what, await othersText(spec, { place, names }, options));
  }
  if (await mayServe(names)) {
    return new CommandProblem(what, `The Lambda ${functionOf(names)} logs the cause in CloudWatch.`);
  }
  return new CommandProblem(
    `No prediction for ${spec.entity} ${entity}: no version of ${spec.name} serves.`,
    await toServeText(names, options),
  );
}

const mayNotAsk = (spec: PipelineSpec, why: string) =>
  new CommandProblem(
    `You may not ask for predictions of ${spec.name}: ${why}`,
    "Who may, and by which role: docs/security.md#people.",
  );

/** Whether a version serves; also if who asks may not know. */
async function mayServe(names: PipelineNames): Promise<boolean> {
  try {
    return (await findServingModel(names.endpoint, clients.sagemaker())) !== undefined;
  } catch (error) {
    if (/^AccessDenied/.test(nameOf(error))) return true;
    throw error;
  }
}

/** Entities that can be asked about. */
async function othersText(spec: PipelineSpec, { place, names }: Deployed, options: StackOptions): Promise<string> {
  let entities: string[];
  try {
    entities = await sampleEntities(place, names, spec.entity);
  } catch (error) {
    return `Entities with features cannot be listed: ${messageOf(error)}`;
  }
  const [first] = entities;
  if (first === undefined) return `No features are computed yet: ${commandLine(["run", spec.name], options)}`;
  return `There are features for ${entities.join(", ")}: ${commandLine(["predict", spec.name, first], options)}`;
}

/** The command that leads to a serving version: an approval or, if no version awaits one, a training run. */
async function toServeText(names: PipelineNames, options: StackOptions): Promise<string> {
  const { pipeline } = names;
  const awaiting = (await listVersions(names)).find(({ approval }) => approval === "PendingManualApproval");
  return awaiting === undefined
    ? `Train one: ${commandLine(["run", pipeline, "--mode", "train"], options)}`
    : `v${awaiting.version} awaits approval: ${commandLine(["approve", pipeline, awaiting.version, "--reason", "…"], options)}`;
}
