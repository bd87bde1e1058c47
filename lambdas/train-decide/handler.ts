/** After the training set is written: whether the training job starts. */
import { trainDatasetReport } from "../../contracts/step-reports";
import {
  lastAlert,
  lastTraining,
  type TrainingDecision,
  trainingDecisionInput,
} from "../../contracts/training-decision";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readJson, readRequiredJson, writeJson } from "../shared/storage";
import { toldOf } from "../shared/told";
import { decideTraining } from "./core";

const setup = once(() => readEnvironment({ ...pipelineVariables, TRAINING_STATE_URI: required }));

export async function handler(rawEvent: unknown): Promise<TrainingDecision> {
  const environment = setup();
  const { run } = parseAs(trainingDecisionInput, rawEvent, "the event of train-decide", InvalidInput);
  const toldUri = `${environment.TRAINING_STATE_URI}/not-enough-history.json`;
  const [dataset, last, told] = await Promise.all([
    readRequiredJson(`${run.report_uri}/train-dataset.json`, trainDatasetReport, "the step train-dataset"),
    readJson(`${environment.TRAINING_STATE_URI}/last.json`, lastTraining),
    readJson(toldUri, lastAlert),
  ]);
  const decision = decideTraining(run, dataset, last, told);
  if (decision.outcome === "not_enough_history" && decision.alert) await writeJson(toldUri, toldOf(run));
  logger().info("Decided whether to train", { run_id: run.run_id, decision });
  return decision;
}
