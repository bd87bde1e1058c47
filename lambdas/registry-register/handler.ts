/** Says whether the evaluation passed every rule of the gate; registers the model once it is fitted on all labelled rows. */
import * as z from "zod/mini";
import { evaluation } from "../../contracts/evaluation";
import { type Registration, registrationInput } from "../../contracts/registration";
import { readyDataset } from "../../contracts/step-reports";
import { lastAlert } from "../../contracts/training-decision";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput } from "../shared/errors";
import { evidenceOf } from "../shared/evidence";
import { logger } from "../shared/logger";
import { packageVersion } from "../shared/names";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readPipeline } from "../shared/pipeline";
import { readJson, readRequiredJson, writeJson } from "../shared/storage";
import { toldOf } from "../shared/told";
import { lacksEvidence } from "../shared/verdict";
import { descriptionPrefix, needsAlert, packageRequest, summarize, trained } from "./core";
import { approve, findRegistered, register } from "./registry";

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    AWS_REGION: required,
    MODEL_PACKAGE_GROUP: required,
    IMAGE_URI: required,
    TRAINING_STATE_URI: required,
    REVIEWER_ROLE_ID: z.optional(z.string()),
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(rawEvent: unknown): Promise<Registration> {
  const { environment, spec } = setup();
  const { run, training, refit } = parseAs(registrationInput, rawEvent, "the event of registry-register", InvalidInput);
  const reports = await readReports(run.report_uri);
  const { verdict, warnings } = reports.evaluation;
  const passed = verdict.every((rule) => rule.passed);
  logger().info(passed ? "The model passed the gate" : "The gate refused the model", {
    run_id: run.run_id,
    verdict,
    warnings,
  });
  const remember = (version: number | null) =>
    writeJson(`${environment.TRAINING_STATE_URI}/last.json`, trained(run, reports.dataset, version));
  if (!passed) {
    await remember(null);
    const told = `${environment.TRAINING_STATE_URI}/refusal.json`;
    const alert = needsAlert(run, verdict, await readJson(told, lastAlert));
    if (alert && lacksEvidence(verdict)) await writeJson(told, toldOf(run));
    return { outcome: "refused", verdict, warnings, alert };
  }

  if (!refit) return { outcome: "passed", verdict, warnings };

  const group = environment.MODEL_PACKAGE_GROUP;
  const base = {
    spec,
    imageUri: environment.IMAGE_URI,
    modelPackageGroup: group,
    region: environment.AWS_REGION,
    reviewerRoleId: environment.REVIEWER_ROLE_ID,
  };
  const request = packageRequest({ ...base, ...reports, run, training, refit });
  const registered = (await findRegistered(group, descriptionPrefix(run.run_id))) ?? (await register(request));
  const { modelPackageArn } = registered;
  if (spec.approval.mode === "automatic" && !registered.approved) {
    await approve(
      modelPackageArn,
      `Approved by the pipeline (approval.mode automatic), which passed: ${summarize(verdict)}`,
    );
  }
  const version = packageVersion(modelPackageArn);
  await remember(version);
  const evidence = evidenceOf(reports.evaluation);
  return { outcome: "registered", modelPackageArn, version, verdict, evidence, warnings };
}

async function readReports(reportUri: string) {
  const [evaluated, dataset] = await Promise.all([
    readRequiredJson(`${reportUri}/evaluation/evaluation.json`, evaluation, "the evaluation"),
    readRequiredJson(`${reportUri}/train-dataset.json`, readyDataset, "the step train-dataset"),
  ]);
  return { evaluation: evaluated, dataset };
}
