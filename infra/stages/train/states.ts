/** The states of the train stage in the run workflow: training set, the decision whether to train, model, evaluation. */

import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { type Audience, alert } from "../../workflows/alerts";
import { glueStep } from "../../workflows/glue-step";
import { code, construct } from "../../workflows/jsonata";
import { expression, type State } from "../../workflows/states";
import { invoke, type Job, runProcessingJob, runTrainingJob } from "../../workflows/tasks";
import { evaluationRequest, type JobPlace, longestTraining, refitRequest, trainingRequest } from "./sagemaker-jobs";

export interface TrainStatesArgs {
  spec: PipelineSpec;
  audience: Audience;
  datasetJob: Job;
  decideArn: pulumi.Input<string>;
  jobs: JobPlace;
  region: string;
  accountId: string;
  /** ARN patterns of the pipeline's SageMaker jobs. */
  jobArns: { training: string; processing: string };
}

/** Of a run that ends without training: which run it is, and why. */
const skipped = {
  runId: code("$run.run_id"),
  asOf: code("$run.as_of"),
  outcome: code("$trainingDecision.outcome"),
  reason: code("$trainingDecision.reason"),
};

/** What a training job leaves behind for later states. */
const trained = (jobName: string) => ({
  job_name: expression(jobName),
  job_arn: expression("$states.result.TrainingJobArn"),
  model_data_url: expression("$states.result.ModelArtifacts.S3ModelArtifacts"),
});

/** The jobs' places and permissions, and the limit on their time. */
function jobsOf({ spec, jobs, jobArns, region, accountId }: TrainStatesArgs) {
  const common = { keyArn: jobs.keyArn, region, accountId };
  return {
    training: { ...common, roleArn: jobs.trainingRoleArn, jobArns: jobArns.training },
    evaluation: { ...common, roleArn: jobs.evaluationRoleArn, jobArns: jobArns.processing },
    // The job's own limit, on spot instances with the time to wait for them, plus an hour for starting and stopping its instance.
    timeoutSeconds: longestTraining(spec) + 3600,
  };
}

/** Fits the model that passed the gate on all labelled rows, so that it has learnt from the newest labels, too. */
export function refitState(args: TrainStatesArgs, next: string) {
  const { training, timeoutSeconds } = jobsOf(args);
  return {
    TrainRefit: runTrainingJob(
      { ...training, request: refitRequest(args.spec, args.jobs) },
      { assign: { refit: trained("$run.refit_job_name") }, timeoutSeconds, next },
    ),
  } satisfies Record<string, State>;
}

export function trainStates(args: TrainStatesArgs, next: string) {
  const { spec, jobs } = args;
  const { training, evaluation, timeoutSeconds } = jobsOf(args);
  return {
    TrainDataset: glueStep(args.datasetJob, "TrainDataset", "TrainDecision"),
    TrainDecision: invoke(
      args.decideArn,
      { run: expression("$run") },
      { assign: { trainingDecision: expression("$states.result.Payload") }, next: "TrainDecided" },
    ),
    TrainDecided: {
      type: "choice",
      rules: [
        { when: "$trainingDecision.outcome = 'train'", next: "TrainModel" },
        // Too little history that an alert has already told of.
        { when: "$trainingDecision.alert = false", next: "TrainingSkipped" },
      ],
      otherwise: "AlertTrainingSkipped",
    },
    AlertTrainingSkipped: alert(args.audience, "training-skipped", skipped, "TrainingSkipped"),
    TrainingSkipped: {
      type: "succeed",
      output: expression(
        // enoughFrom is present only if there is not enough history.
        construct({ ...skipped, mode: code("$run.mode"), enoughFrom: code("$trainingDecision.enoughFrom") }),
      ),
    },
    TrainModel: runTrainingJob(
      { ...training, request: trainingRequest(spec, jobs) },
      {
        assign: { training: trained("$run.training_job_name") },
        timeoutSeconds,
        next: "TrainEvaluation",
      },
    ),
    TrainEvaluation: runProcessingJob(
      { ...evaluation, request: evaluationRequest(spec, jobs) },
      { timeoutSeconds, next },
    ),
  } satisfies Record<string, State>;
}
