/** The states of the score stage in the run workflow: the serving version scores the day's rows, and the table gets them. */
import type { PipelineSpec } from "../../../spec/pipeline";
import { glueStep } from "../../workflows/glue-step";
import { code, construct } from "../../workflows/jsonata";
import { input, type ProcessingPlace, processingRequest } from "../../workflows/sagemaker-jobs";
import { expression, type TaskState, type Value } from "../../workflows/states";
import { type Job, runProcessingJob } from "../../workflows/tasks";

export interface ScoreStatesArgs {
  spec: PipelineSpec;
  tableJob: Job;
  scoring: ProcessingPlace;
  region: string;
  accountId: string;
  /** ARN pattern of the pipeline's processing jobs. */
  jobArns: string;
}

export function scoreStates(
  { spec, tableJob, scoring, ...place }: ScoreStatesArgs,
  next: string,
): Record<string, TaskState> {
  const { keyArn, roleArn } = scoring;
  return {
    ScoreCustomers: runProcessingJob(
      { ...place, keyArn, roleArn, request: scoringRequest(spec, scoring) },
      // The job's own limit plus an hour for starting and stopping its instance.
      { timeoutSeconds: spec.training.max_runtime_minutes * 60 + 3600, next: "ScoreTable" },
    ),
    ScoreTable: glueStep(tableJob, "ScoreTable", next),
  };
}

/** The job that scores the day's rows and compares them with the version's baseline. */
function scoringRequest(spec: PipelineSpec, place: ProcessingPlace): Value {
  const { drift } = spec.monitoring;
  return processingRequest(spec, place, {
    jobName: "$run.score_job_name",
    script: "score.py",
    environment: {
      DAYBREAK_RUN_ID: expression("$run.run_id"),
      DAYBREAK_AS_OF: expression("$run.as_of"),
      DAYBREAK_MODEL_VERSION: expression("$string($run.champion.version)"),
      DAYBREAK_THRESHOLD: String(spec.serving.threshold),
      DAYBREAK_DRIFT_ALPHA: String(drift.alpha),
      DAYBREAK_DRIFT_EFFECT: String(drift.effect),
    },
    inputs: construct([
      input("rows", code("$run.scoring_set_uri & '/rows/'")),
      input("model", code("$run.champion.model_data_url")),
      // The baseline's scores are those of the evaluated model, of rows that it has not learnt from.
      input("evaluated", code("$run.champion.evaluated_model_data_url")),
      input("baseline", code("$run.champion.baseline_uri")),
      input("code", `${place.modelSourceUri}/`),
    ]),
    output: { name: "scores", uri: "$run.score_report_uri & '/'" },
  });
}
