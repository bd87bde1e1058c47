/** The requests of the training and the evaluation job, as the pipeline workflow sends them. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { type Constructed, code, construct } from "../../workflows/jsonata";
import { expression, type Value } from "../../workflows/states";

/** As whom jobs run, and with what. */
export interface JobPlace {
  trainingRoleArn: pulumi.Input<string>;
  evaluationRoleArn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  imageUri: string;
  /** The folder of `model/` in the code bucket, with a slash at its end. */
  modelSourceUri: string;
}

const volumeGigabytes = 30;
const inputFolder = "/opt/ml/processing/input";

/**
 * Whether a machine's volume takes a key of ours. Machines with disks of their own (ml.m5d, ml.g4dn…) encrypt those by hardware,
 * and SageMaker refuses a key for them.
 */
export function takesVolumeKey(instanceType: string): boolean {
  const family = instanceType.split(".")[1] ?? "";
  return !/^[a-z]+\d+[a-z]*d[a-z]*$/.test(family);
}

function cluster(instanceType: string, keyArn: pulumi.Input<string>): Record<string, Value> {
  return {
    InstanceCount: 1,
    InstanceType: instanceType,
    VolumeSizeInGB: volumeGigabytes,
    ...(takesVolumeKey(instanceType) ? { VolumeKmsKeyId: keyArn } : {}),
  };
}

/** The tags of what a run makes. */
function tags(spec: PipelineSpec): Value {
  return [
    { Key: "daybreak:pipeline", Value: spec.name },
    { Key: "daybreak:run", Value: expression("$run.run_id") },
  ];
}

function channel(name: string, uri: string, contentType: string): Value {
  return {
    ChannelName: name,
    ContentType: contentType,
    InputMode: "File",
    DataSource: {
      S3DataSource: { S3DataType: "S3Prefix", S3Uri: expression(uri), S3DataDistributionType: "FullyReplicated" },
    },
  };
}

/** CreateTrainingJob: the script in the source archive, on the image of AWS. It fetches the script, so it has a network. */
export function trainingRequest(spec: PipelineSpec, place: JobPlace): Value {
  return {
    TrainingJobName: expression("$run.training_job_name"),
    RoleArn: place.trainingRoleArn,
    AlgorithmSpecification: { TrainingImage: place.imageUri, TrainingInputMode: "File" },
    HyperParameters: expression("$run.hyperparameters"),
    InputDataConfig: [
      channel("train", "$run.dataset_uri & '/train/'", "application/x-parquet"),
      channel("validation", "$run.dataset_uri & '/validation/'", "application/x-parquet"),
      channel("dataset", "$run.dataset_uri & '/dataset.json'", "application/json"),
    ],
    OutputDataConfig: { S3OutputPath: expression("$run.model_uri"), KmsKeyId: place.keyArn },
    ResourceConfig: cluster(spec.training.instance_type, place.keyArn),
    StoppingCondition: { MaxRuntimeInSeconds: spec.training.max_runtime_minutes * 60 },
    EnableNetworkIsolation: false,
    Tags: tags(spec),
  };
}

function input(name: string, uri: Constructed): Constructed {
  return {
    InputName: name,
    S3Input: {
      S3Uri: uri,
      LocalPath: `${inputFolder}/${name}`,
      S3DataType: "S3Prefix",
      S3InputMode: "File",
      S3DataDistributionType: "FullyReplicated",
      S3CompressionType: "None",
    },
  };
}

/** The evaluation's inputs: the champion is among them only where a model serves. */
function evaluationInputs(place: JobPlace): string {
  const always = construct([
    input("challenger", code("$training.model_data_url")),
    input("test", code("$run.dataset_uri & '/test/'")),
    input("dataset", code("$run.dataset_uri & '/dataset.json'")),
    input("code", place.modelSourceUri),
  ]);
  const champion = construct([input("champion", code("$run.champion.model_data_url"))]);
  return `$append(${always}, $run.champion ? ${champion} : [])`;
}

/** CreateProcessingJob: challenger and champion scored on the same rows, without a network. */
export function evaluationRequest(spec: PipelineSpec, place: JobPlace): Value {
  return {
    ProcessingJobName: expression("$run.processing_job_name"),
    RoleArn: place.evaluationRoleArn,
    AppSpecification: {
      ImageUri: place.imageUri,
      ContainerEntrypoint: ["python3", `${inputFolder}/code/evaluate.py`],
    },
    Environment: {
      DAYBREAK_RUN_ID: expression("$run.run_id"),
      DAYBREAK_CHAMPION_VERSION: expression("$run.champion ? $string($run.champion.version) : ''"),
      DAYBREAK_THRESHOLD: String(spec.serving.threshold),
    },
    ProcessingInputs: expression(evaluationInputs(place)),
    ProcessingOutputConfig: {
      KmsKeyId: place.keyArn,
      Outputs: [
        {
          OutputName: "evaluation",
          S3Output: {
            S3Uri: expression("$run.report_uri & '/evaluation/'"),
            LocalPath: "/opt/ml/processing/output",
            S3UploadMode: "EndOfJob",
          },
        },
      ],
    },
    ProcessingResources: { ClusterConfig: cluster(spec.training.instance_type, place.keyArn) },
    StoppingCondition: { MaxRuntimeInSeconds: spec.training.max_runtime_minutes * 60 },
    NetworkConfig: { EnableNetworkIsolation: true },
    Tags: tags(spec),
  };
}
