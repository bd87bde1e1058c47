/** The first step of a run: makes its plan, with the serving model as champion, and writes it to the lake. */
import { type PostponedRetraining, postponedRetraining } from "../../contracts/drift-report";
import type { Champion, RunPlan } from "../../contracts/run-plan";
import { lastTraining } from "../../contracts/training-decision";
import type { RunMode } from "../../contracts/values";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput, MissingReport } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readPipeline } from "../shared/pipeline";
import { describeServing, findPackage, type RegisteredModel } from "../shared/serving";
import { readJson, writeJson } from "../shared/storage";
import { chooseAsOf, isDue, type PlanEvent, type Predecessors, planEvent, planRun, withRetraining } from "./core";

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    AWS_REGION: required,
    JOB_NAME_PREFIX: required,
    TRAINING_SETS_URI: required,
    SCORING_SETS_URI: required,
    SCORE_REPORTS_URI: required,
    MODELS_URI: required,
    RUN_REPORTS_URI: required,
    SPEC_URI: required,
    MODEL_SOURCE_URI: required,
    ENDPOINT_NAME: required,
    DRIFT_REPORTS_URI: required,
    TRAINING_STATE_URI: required,
    GIT_COMMIT: required,
    GIT_DIRTY: required,
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(rawEvent: unknown): Promise<{ run: RunPlan }> {
  const { environment, spec } = setup();
  const asked = parseAs(planEvent, rawEvent, "the event of run-plan", InvalidInput);
  const event = { ...asked, input: withRetraining(asked.input, await dueRetraining(asked, environment)) };
  const predecessors = await findPredecessors(environment.ENDPOINT_NAME, event.input.mode);
  const context = {
    jobNamePrefix: environment.JOB_NAME_PREFIX,
    trainingSetsUri: environment.TRAINING_SETS_URI,
    scoringSetsUri: environment.SCORING_SETS_URI,
    scoreReportsUri: environment.SCORE_REPORTS_URI,
    modelsUri: environment.MODELS_URI,
    runReportsUri: environment.RUN_REPORTS_URI,
    region: environment.AWS_REGION,
    specUri: environment.SPEC_URI,
    modelSourceUri: environment.MODEL_SOURCE_URI,
    gitCommit: environment.GIT_COMMIT,
    gitDirty: environment.GIT_DIRTY === "true",
  };
  const run = planRun(event, spec, context, predecessors);
  await writeJson(`${run.report_uri}/plan.json`, run);
  logger().info("Planned the run", {
    run_id: run.run_id,
    mode: run.mode,
    as_of: run.as_of,
    cutoffs: run.cutoffs.length,
  });
  return { run };
}

/** The retraining that waited for labels, if this run is the schedule's and it is due. The record stays as it is. */
async function dueRetraining(
  event: PlanEvent,
  uris: { DRIFT_REPORTS_URI: string; TRAINING_STATE_URI: string },
): Promise<PostponedRetraining | undefined> {
  if (event.input.trigger.type !== "schedule") return undefined;
  const postponed = await readJson(`${uris.DRIFT_REPORTS_URI}/retraining.json`, postponedRetraining);
  if (postponed === undefined) return undefined;
  const last = await readJson(`${uris.TRAINING_STATE_URI}/last.json`, lastTraining);
  return isDue(postponed, chooseAsOf(event, setup().spec.schedule.time_zone), last) ? postponed : undefined;
}

/** The serving version, and the best version so far if that is another one and still in the registry. */
async function findPredecessors(endpointName: string, mode: RunMode): Promise<Predecessors> {
  const serving = await describeServing(endpointName);
  if (serving === undefined) return {};
  const floorVersion = mode === "train" ? serving.lineage.floor_version : undefined;
  const floor =
    floorVersion === undefined ? undefined : await findPackage(serving.modelPackageArn.replace(/\d+$/, floorVersion));
  if (floorVersion !== undefined && floor === undefined) {
    logger().warn("The best version so far is no longer in the registry; the serving one takes its place", {
      floor_version: floorVersion,
    });
  }
  return { champion: asChampion(serving), floor: floor && asChampion(floor) };
}

function asChampion({ modelPackageArn, version, modelDataUrl, lineage }: RegisteredModel): Champion {
  if (lineage.baseline_uri === undefined) {
    throw new MissingReport(`${modelPackageArn} has no baseline_uri in its metadata`);
  }
  return {
    model_package_arn: modelPackageArn,
    version,
    model_data_url: modelDataUrl,
    baseline_uri: lineage.baseline_uri,
    // A version of an earlier release is the model that was evaluated, and has seen at most the labels known on its as-of day.
    evaluated_model_data_url: lineage.evaluated_model_data_url ?? modelDataUrl,
    last_label_day: lineage.evaluated_last_label_day ?? lineage.last_label_day ?? lineage.as_of ?? null,
  };
}
