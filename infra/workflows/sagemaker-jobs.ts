/** What the SageMaker jobs of all stages have in common, and the request for a processing job. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../spec/pipeline";
import type { Constructed } from "./jsonata";
import { expression, type Value } from "./states";

const volumeGigabytes = 30;
const inputFolder = "/opt/ml/processing/input";

/** Families of accelerators that have local disks (EC2's DescribeInstanceTypes) although no `d` in their name says so. */
const accelerated = /^(dl|trn|[gp][4-9])/;

/**
 * Whether an instance type accepts a volume KMS key. Instances with local disks (ml.m5d, ml.g5, ml.trn1…) encrypt them in
 * hardware, and SageMaker rejects a key for them.
 */
export function takesVolumeKey(instanceType: string): boolean {
  const family = instanceType.split(".")[1] ?? "";
  return !/^[a-z]+\d+[a-z]*d[a-z]*$/.test(family) && !accelerated.test(family);
}

export function cluster(instanceType: string, keyArn: pulumi.Input<string>): Record<string, Value> {
  return {
    InstanceCount: 1,
    InstanceType: instanceType,
    VolumeSizeInGB: volumeGigabytes,
    ...(takesVolumeKey(instanceType) ? { VolumeKmsKeyId: keyArn } : {}),
  };
}

/** Tags of the jobs that a run creates. */
export function tags(spec: PipelineSpec): Value {
  return [
    { Key: "daybreak:pipeline", Value: spec.name },
    { Key: "daybreak:run", Value: expression("$run.run_id") },
  ];
}

export function input(name: string, uri: Constructed): Constructed {
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

/** The network of a job or a model, in a request. With network isolation, SageMaker gets and puts the files there for the container. */
export const inVpc = ({ vpcConfig }: { vpcConfig?: Value | undefined }): Record<string, Value> =>
  vpcConfig === undefined ? {} : { VpcConfig: vpcConfig };

/** Role, key, image, code and network of a processing job. */
export interface ProcessingPlace {
  roleArn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  /** The subnets and the security group of the job's instance, if the network is private. */
  vpcConfig?: Value | undefined;
  imageUri: string;
  /** S3 URI of the folder with the files of `model/`. */
  modelSourceUri: string;
}

export interface ProcessingJob {
  /** The name, as an expression. */
  jobName: string;
  /** The program's file in `model/`, which is the input `code`. */
  script: string;
  environment?: Record<string, Value>;
  /** The inputs, as an expression. */
  inputs: string;
  /** The folder of what the program writes; its URI is an expression. */
  output: { name: string; uri: string };
}

/** CreateProcessingJob: a program of `model/` in the training image, with network isolation. */
export function processingRequest(spec: PipelineSpec, place: ProcessingPlace, job: ProcessingJob): Value {
  const { jobName, script, environment, inputs, output } = job;
  return {
    ProcessingJobName: expression(jobName),
    RoleArn: place.roleArn,
    AppSpecification: { ImageUri: place.imageUri, ContainerEntrypoint: ["python3", `${inputFolder}/code/${script}`] },
    ...(environment === undefined ? {} : { Environment: environment }),
    ProcessingInputs: expression(inputs),
    ProcessingOutputConfig: {
      KmsKeyId: place.keyArn,
      Outputs: [
        {
          OutputName: output.name,
          S3Output: {
            S3Uri: expression(output.uri),
            LocalPath: "/opt/ml/processing/output",
            S3UploadMode: "EndOfJob",
          },
        },
      ],
    },
    ProcessingResources: { ClusterConfig: cluster(spec.training.instance_type, place.keyArn) },
    StoppingCondition: { MaxRuntimeInSeconds: spec.training.max_runtime_minutes * 60 },
    NetworkConfig: { EnableNetworkIsolation: true, ...inVpc(place) },
    Tags: tags(spec),
  };
}
