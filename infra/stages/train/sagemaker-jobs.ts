/** The requests for the training job and the evaluation job in the run workflow. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { code, construct } from "../../workflows/jsonata";
import { cluster, input, inVpc, type ProcessingPlace, processingRequest, tags } from "../../workflows/sagemaker-jobs";
import { expression, type Value } from "../../workflows/states";

/** Roles, key, image, code and network of the SageMaker jobs. */
export interface JobPlace extends Omit<ProcessingPlace, "roleArn"> {
  trainingRoleArn: pulumi.Input<string>;
  evaluationRoleArn: pulumi.Input<string>;
}

function channel(name: string, uri: Value, contentType: string): Value {
  return {
    ChannelName: name,
    ContentType: contentType,
    InputMode: "File",
    DataSource: {
      S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" },
    },
  };
}

/** The channels with parts of the training set, and the one with its manifest. */
const datasetChannels = (parts: readonly string[]): Value[] => [
  ...parts.map((part) => channel(part, expression(`$run.dataset_uri & '/${part}/'`), "application/x-parquet")),
  channel("dataset", expression("$run.dataset_uri & '/dataset.json'"), "application/json"),
];

/** The job that trains the model that is evaluated. */
export function trainingRequest(spec: PipelineSpec, place: JobPlace): Value {
  return programRequest(spec, place, "train.py", "$run.training_job_name", datasetChannels(["train", "validation"]));
}

/** The job that fits it again, on all labelled rows; it reads from the evaluated model what its training chose. */
export function refitRequest(spec: PipelineSpec, place: JobPlace): Value {
  return programRequest(spec, place, "refit.py", "$run.refit_job_name", [
    ...datasetChannels(["train", "validation", "purged", "test"]),
    channel("model", expression("$training.model_data_url"), "application/x-tar"),
  ]);
}

/** How long a training may take, in seconds: on spot instances, it may wait for them as long as it may run. */
export const longestTraining = ({ training }: PipelineSpec): number =>
  training.max_runtime_minutes * 60 * (training.spot ? 2 : 1);

/** The limit on a training's time; on spot instances also the one on the time with interruptions and waiting. */
function stoppingCondition(spec: PipelineSpec): Value {
  const limit = { MaxRuntimeInSeconds: spec.training.max_runtime_minutes * 60 };
  return spec.training.spot ? { ...limit, MaxWaitTimeInSeconds: longestTraining(spec) } : limit;
}

/** CreateTrainingJob: a program of `model/` in the training image, with network isolation. The code is the channel `code`. */
function programRequest(
  spec: PipelineSpec,
  place: JobPlace,
  program: string,
  jobName: string,
  channels: readonly Value[],
): Value {
  return {
    TrainingJobName: expression(jobName),
    HyperParameters: expression("$run.hyperparameters"),
    InputDataConfig: [...channels, channel("code", `${place.modelSourceUri}/`, "text/x-python")],
    RoleArn: place.trainingRoleArn,
    AlgorithmSpecification: {
      TrainingImage: place.imageUri,
      TrainingInputMode: "File",
      // Not the image's training toolkit: model/container.py says why.
      ContainerEntrypoint: ["python3", `/opt/ml/input/data/code/${program}`],
    },
    OutputDataConfig: { S3OutputPath: expression("$run.model_uri"), KmsKeyId: place.keyArn },
    ResourceConfig: cluster(spec.training.instance_type, place.keyArn),
    ...(spec.training.spot ? { EnableManagedSpotTraining: true } : {}),
    StoppingCondition: stoppingCondition(spec),
    EnableNetworkIsolation: true,
    ...inVpc(place),
    Tags: tags(spec),
  };
}

/** Inputs of the evaluation job. The champion is included if a model is being served, and the best version so far if it is another one. */
function evaluationInputs(place: JobPlace): string {
  const always = construct([
    input("challenger", code("$training.model_data_url")),
    // The whole folder, because a job has 10 inputs at most: its parts by name, and dataset.json.
    input("dataset", code("$run.dataset_uri & '/'")),
    input("plan", code("$run.report_uri & '/plan.json'")),
    input("spec", code("$run.spec_uri")),
    input("code", `${place.modelSourceUri}/`),
  ]);
  const version = (name: string) =>
    `$run.${name} ? ${construct([input(name, code(`$run.${name}.evaluated_model_data_url`))])} : []`;
  return `$append($append(${always}, ${version("champion")}), ${version("floor")})`;
}

/** The job that scores challenger and champion on the same test rows and judges. */
export function evaluationRequest(spec: PipelineSpec, place: JobPlace): Value {
  return processingRequest(
    spec,
    { ...place, roleArn: place.evaluationRoleArn },
    {
      jobName: "$run.processing_job_name",
      script: "evaluate.py",
      inputs: evaluationInputs(place),
      output: { name: "evaluation", uri: "$run.report_uri & '/evaluation/'" },
    },
  );
}
