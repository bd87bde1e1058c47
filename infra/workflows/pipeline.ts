/** From raw events to a registered model: one execution a run. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../spec/pipeline";
import { type Audience, alert, failureHandler } from "./alerts";
import { code, construct } from "./jsonata";
import { evaluationRequest, type JobPlace, trainingRequest } from "./sagemaker-jobs";
import { expression, type Value, type Workflow } from "./states";
import { invoke, runGlueJob, runProcessingJob, runTrainingJob } from "./tasks";

interface GlueJob {
  name: pulumi.Input<string>;
  arn: pulumi.Input<string>;
}

export interface PipelineWorkflowArgs {
  spec: PipelineSpec;
  audience: Audience;
  jobs: Record<"transform" | "quality" | "features" | "dataset", GlueJob>;
  planArn: pulumi.Input<string>;
  registerArn: pulumi.Input<string>;
  /** Where training and evaluation run, and with what. */
  place: JobPlace;
  region: string;
  accountId: string;
  /** Patterns of the ARNs of this pipeline's jobs. */
  jobArns: { training: string; processing: string };
}

/** What every Glue job is told: which run, and by which description of the pipeline. */
const glueArguments: Record<string, Value> = {
  "--run": expression("$run.report_uri & '/plan.json'"),
  "--spec": expression("$run.spec_uri"),
};

const execution = {
  arn: expression("$states.context.Execution.Id"),
  name: expression("$states.context.Execution.Name"),
  started_at: expression("$states.context.Execution.StartTime"),
};

/** What an execution that made features, but no model, ends with. */
const featuresOutput = construct({
  runId: code("$run.run_id"),
  mode: code("$run.mode"),
  asOf: code("$run.as_of"),
  outcome: "features",
});

/** What an execution that trained ends with; version and package only of a model that passed the gate. */
const trainingOutput = construct({
  runId: code("$run.run_id"),
  mode: code("$run.mode"),
  asOf: code("$run.as_of"),
  outcome: code("$registration.outcome"),
  version: code("$registration.version"),
  modelPackageArn: code("$registration.modelPackageArn"),
  verdict: code("$registration.verdict"),
});

/** The workflow of a pipeline. */
export function pipelineWorkflow(args: PipelineWorkflowArgs): Workflow {
  const { spec, audience, jobs, place } = args;
  const common = { keyArn: place.keyArn, region: args.region, accountId: args.accountId };
  const training = { ...common, roleArn: place.trainingRoleArn, jobArns: args.jobArns.training };
  const evaluation = { ...common, roleArn: place.evaluationRoleArn, jobArns: args.jobArns.processing };
  const told = { runId: code("$run.run_id"), asOf: code("$run.as_of"), verdict: code("$registration.verdict") };
  return {
    comment: `${spec.name}: raw events to features, and in mode train on to a registered model`,
    startAt: "Plan",
    onError: "AlertFailure",
    // Training's own limit, twice (it is evaluated on the same kind of machine), and a working day for the rest.
    timeoutSeconds: 2 * spec.training.max_runtime_minutes * 60 + 8 * 3600,
    states: {
      Plan: invoke(
        args.planArn,
        { execution, input: expression("$states.input") },
        { assign: { run: expression("$states.result.Payload.run") }, next: "Transform" },
      ),
      Transform: runGlueJob(jobs.transform, glueArguments, { next: "Check" }),
      Check: runGlueJob(jobs.quality, glueArguments, { next: "Featurize" }),
      Featurize: runGlueJob(jobs.features, glueArguments, { next: "Mode" }),
      Mode: {
        type: "choice",
        rules: [{ when: "$run.mode = 'train'", next: "Dataset" }],
        otherwise: "FeaturesMade",
      },
      FeaturesMade: { type: "succeed", output: expression(featuresOutput) },
      Dataset: runGlueJob(jobs.dataset, glueArguments, { next: "Train" }),
      Train: runTrainingJob(
        { ...training, request: trainingRequest(spec, place) },
        {
          assign: {
            training: {
              job_name: expression("$run.training_job_name"),
              job_arn: expression("$states.result.TrainingJobArn"),
              model_data_url: expression("$states.result.ModelArtifacts.S3ModelArtifacts"),
            },
          },
          timeoutSeconds: spec.training.max_runtime_minutes * 60 + 3600,
          next: "Evaluate",
        },
      ),
      Evaluate: runProcessingJob(
        { ...evaluation, request: evaluationRequest(spec, place) },
        { timeoutSeconds: spec.training.max_runtime_minutes * 60 + 3600, next: "Register" },
      ),
      Register: invoke(
        args.registerArn,
        { run: expression("$run"), training: expression("$training") },
        { assign: { registration: expression("$states.result.Payload") }, next: "Outcome" },
      ),
      Outcome: {
        type: "choice",
        rules: [{ when: "$registration.outcome = 'registered'", next: "NotifyRegistered" }],
        otherwise: "NotifyRefused",
      },
      NotifyRegistered: alert(
        audience,
        "model-registered",
        {
          ...told,
          version: code("$registration.version"),
          modelPackageArn: code("$registration.modelPackageArn"),
          approval: spec.approval.mode,
        },
        "Finished",
      ),
      NotifyRefused: alert(audience, "model-refused", told, "Finished"),
      Finished: { type: "succeed", output: expression(trainingOutput) },
      ...failureHandler(audience, "run", "$exists($run) ? $run.run_id"),
    },
  };
}
