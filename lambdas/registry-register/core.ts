/** Builds the registry entry of a model that passed the gate: what to serve, its evaluation and its lineage. */
import type { CreateModelPackageCommandInput, ProductionVariantInstanceType } from "@aws-sdk/client-sagemaker";
import type { Evaluation } from "../../contracts/evaluation";
import type { LineageFact } from "../../contracts/model-lineage";
import type { RegistrationInput } from "../../contracts/registration";
import type { RunPlan } from "../../contracts/run-plan";
import type { ReadyDataset } from "../../contracts/step-reports";
import type { LastAlert, LastTraining } from "../../contracts/training-decision";
import type { VerdictRule } from "../../contracts/values";
import type { PipelineSpec } from "../../spec/pipeline";
import { lastLabelDay } from "../shared/days";
import { evidenceOf } from "../shared/evidence";
import { shortHash } from "../shared/names";
import { isNews } from "../shared/told";
import { lacksEvidence, ruleText } from "../shared/verdict";

/** The sources of a registry entry. */
export interface Candidate extends RegistrationInput {
  refit: NonNullable<RegistrationInput["refit"]>;
  spec: PipelineSpec;
  evaluation: Evaluation;
  dataset: ReadyDataset;
  imageUri: string;
  modelPackageGroup: string;
  region: string;
  /** Where duties are separate: the unique ID of the reviewer's role. */
  reviewerRoleId?: string | undefined;
}

/** SageMaker's limits on the number and the length of metadata entries. */
export const mostEntries = 50;
const longestValue = 256;
const longestDescription = 1024;

/** The start of the description, by which a retry finds the version that an earlier attempt registered. */
export function descriptionPrefix(runId: string): string {
  return `run ${runId}: `;
}

/**
 * The token depends only on the execution, so that a retry registers no second version. Not on the run ID: SageMaker compares tokens
 * in the whole account, and two pipelines can have runs of the same ID, such as retrainings that start in the same second.
 */
export function clientToken(executionArn: string): string {
  return `daybreak-${shortHash(executionArn, 27)}`;
}

/** The request that registers the candidate as pending approval. */
export function packageRequest(candidate: Candidate): CreateModelPackageCommandInput {
  const { run, refit, spec, imageUri, region } = candidate;
  const evaluation = `${run.report_uri}/evaluation`;
  const json = (uri: string) => ({ ContentType: "application/json", S3Uri: uri });
  const instanceTypes = [spec.serving.instance_type as ProductionVariantInstanceType];
  return {
    ModelPackageGroupName: candidate.modelPackageGroup,
    ModelPackageDescription: describe(candidate).slice(0, longestDescription),
    ModelApprovalStatus: "PendingManualApproval",
    ClientToken: clientToken(run.execution_arn),
    SkipModelValidation: "All",
    InferenceSpecification: {
      Containers: [
        {
          Image: imageUri,
          ModelDataUrl: refit.model_data_url,
          Environment: {
            SAGEMAKER_PROGRAM: "serve.py",
            // In model.tar.gz (model/artifact.py): the container is isolated from the network.
            SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
            // The container installs that code with pip, which would otherwise download setuptools for it. 0 means "no isolation".
            PIP_NO_BUILD_ISOLATION: "0",
            SAGEMAKER_CONTAINER_LOG_LEVEL: "20",
            SAGEMAKER_REGION: region,
          },
        },
      ],
      SupportedContentTypes: ["application/json"],
      SupportedResponseMIMETypes: ["application/json"],
      SupportedRealtimeInferenceInstanceTypes: instanceTypes,
    },
    ModelMetrics: {
      ModelQuality: { Statistics: json(`${evaluation}/evaluation.json`) },
      ModelDataQuality: { Statistics: json(`${evaluation}/baseline.json`) },
      Explainability: { Report: json(`${evaluation}/shap.json`) },
    },
    DriftCheckBaselines: {
      ModelDataQuality: { Statistics: json(`${evaluation}/baseline.json`) },
      ModelQuality: { Statistics: json(`${evaluation}/evaluation.json`) },
    },
    MetadataProperties: { CommitId: run.git_commit, GeneratedBy: run.execution_arn },
    CustomerMetadataProperties: lineage(candidate),
  };
}

/** What later runs compare their training set with. */
export function trained(run: RunPlan, { digest }: ReadyDataset, version: number | null): LastTraining {
  return {
    run_id: run.run_id,
    as_of: run.as_of,
    digest,
    spec_uri: run.spec_uri,
    source_uri: run.source_uri,
    champion_version: run.champion?.version ?? null,
    version,
  };
}

/** Whether an alert is sent about a refusal. A model that is worse always is one. */
export function needsAlert(run: RunPlan, verdict: readonly VerdictRule[], last: LastAlert | undefined): boolean {
  return !lacksEvidence(verdict) || isNews(run, last);
}

/** What a reviewer reads first: the verdict, what the evaluation warns of, and what it found. */
function describe({ run, evaluation }: Candidate): string {
  const warnings = evaluation.warnings.map((warning) => ` WARNING: ${warning}`).join("");
  const evidence = evidenceOf(evaluation)
    .map((text) => ` ${text}`)
    .join("");
  return `${descriptionPrefix(run.run_id)}${summarize(evaluation.verdict)}.${warnings}${evidence}`;
}

/** The verdict in one line. */
export function summarize(verdict: readonly VerdictRule[]): string {
  return verdict.map((rule) => `${ruleText(rule)}${rule.passed ? "" : " FAILED"}`).join(", ");
}

/** The lineage of a model: enough to trace it and to reproduce its training. */
export function lineage(candidate: Candidate): Record<string, string> {
  const { run, training, refit, evaluation, dataset, spec } = candidate;
  const metrics = evaluation.challenger.metrics;
  const { rows, cutoffs } = dataset;
  const { train, validation, purged, test } = cutoffs;
  const fitted = [...train, ...validation, ...purged, ...test].sort();
  const facts: Record<LineageFact, unknown> & Record<string, unknown> = {
    run_id: run.run_id,
    pipeline: run.pipeline,
    as_of: run.as_of,
    git_commit: run.git_commit,
    git_dirty: run.git_dirty,
    events_snapshot_id: dataset.events_snapshot_id,
    feature_snapshot_id: dataset.feature_snapshot_id,
    dataset_uri: run.dataset_uri,
    spec_uri: run.spec_uri,
    started_by: run.trigger.actor,
    may_not_approve: mayNotApprove(candidate),
    trigger: run.trigger.type,
    trigger_reason: run.trigger.reason,
    execution_arn: run.execution_arn,
    training_job: training.job_name,
    refit_job: refit.job_name,
    // Validation rows are seen, too: early stopping and the threshold are chosen on them.
    evaluated_model_data_url: training.model_data_url,
    evaluated_last_label_day: lastLabelDay(
      [...train, ...validation].sort().at(-1) ?? run.as_of,
      spec.label.horizon_days,
    ),
    evaluated_fitted_rows: rows.train + rows.validation,
    evaluated_fitted_cutoffs: span([...train, ...validation].sort()),
    fitted_rows: rows.train + rows.validation + rows.purged + rows.test,
    fitted_cutoffs: span(fitted),
    last_label_day: lastLabelDay(fitted.at(-1) ?? run.as_of, spec.label.horizon_days),
    evaluated_cutoffs: span(test),
    auc: metrics.auc,
    f1: metrics.f1,
    threshold: evaluation.challenger.threshold,
    threshold_by: evaluation.challenger.threshold_by,
    profit_per_row: evaluation.challenger.profit?.per_row,
    test_rows: evaluation.test_rows,
    warnings: evaluation.warnings.join(" "),
    champion_version: run.champion?.version,
    floor_version: evaluation.floor_version,
    baseline_uri: `${run.report_uri}/evaluation/baseline.json`,
    evaluation_uri: `${run.report_uri}/evaluation/evaluation.json`,
    source_uri: run.source_uri,
  };
  for (const [name, value] of Object.entries(run.hyperparameters)) {
    // The lineage has the threshold that they led to.
    if (name !== "threshold" && name !== "costs") facts[`hp_${name}`] = value;
  }
  const entries = Object.entries(facts).flatMap(([name, value]) => {
    const text = metadataText(value);
    return text === "" ? [] : [[metadataText(name).slice(0, 128), text] as const];
  });
  return Object.fromEntries(entries.slice(0, mostEntries));
}

/** What `aws:userid` is for a session of the reviewer's role that is called as the person who started the run. */
function mayNotApprove({ run, reviewerRoleId }: Candidate): string | undefined {
  return reviewerRoleId && run.trigger.type === "person" ? `${reviewerRoleId}:${run.trigger.actor}` : undefined;
}

/** The first and the last of some days. */
const span = (days: readonly string[]): string => `${days[0]} to ${days.at(-1)}`;

/** Replaces punctuation that SageMaker rejects in metadata (commas, quotes, brackets) with a space. */
export function metadataText(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
  return text
    .replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]+/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, longestValue);
}
