/** The states of the train stage in the run workflow: training set, model, evaluation. */
import type { PipelineSpec } from "../../../spec/pipeline";
import { glueStep, type Job } from "../../workflows/glue-step";
import { expression, type TaskState } from "../../workflows/states";
import { runProcessingJob, runTrainingJob } from "../../workflows/tasks";
import { evaluationRequest, type JobPlace, trainingRequest } from "./sagemaker-jobs";

export interface TrainStatesArgs {
  spec: PipelineSpec;
  datasetJob: Job;
  jobs: JobPlace;
  region: string;
  accountId: string;
  /** ARN patterns of the pipeline's SageMaker jobs. */
  jobArns: { training: string; processing: string };
}

export function trainStates(args: TrainStatesArgs, next: string): Record<string, TaskState> {
  const { spec, jobs } = args;
  const common = { keyArn: jobs.keyArn, region: args.region, accountId: args.accountId };
  const training = { ...common, roleArn: jobs.trainingRoleArn, jobArns: args.jobArns.training };
  const evaluation = { ...common, roleArn: jobs.evaluationRoleArn, jobArns: args.jobArns.processing };
  // The job's own limit plus an hour for starting and stopping its instance.
  const timeoutSeconds = spec.training.max_runtime_minutes * 60 + 3600;
  return {
    TrainDataset: glueStep(args.datasetJob, "TrainDataset", "TrainModel"),
    TrainModel: runTrainingJob(
      { ...training, request: trainingRequest(spec, jobs) },
      {
        assign: {
          training: {
            job_name: expression("$run.training_job_name"),
            job_arn: expression("$states.result.TrainingJobArn"),
            model_data_url: expression("$states.result.ModelArtifacts.S3ModelArtifacts"),
          },
        },
        timeoutSeconds,
        next: "TrainEvaluation",
      },
    ),
    TrainEvaluation: runProcessingJob(
      { ...evaluation, request: evaluationRequest(spec, jobs) },
      { timeoutSeconds, next },
    ),
  };
}
