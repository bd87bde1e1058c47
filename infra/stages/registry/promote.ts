/** The Lambda that takes an approved version of another environment into the registry of this one. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { NodeFunction } from "../../components/node-function";
import { pullImage } from "../../iam/sagemaker";
import { publish } from "../../iam/services";
import type { Statement } from "../../iam/statements";
import { type Place, pipelineNames } from "../../names";
import { throughS3, versionObjects } from "../../promotion/grants";
import type { ModelVersions } from "./model-versions";
import type { RegistryArgs } from "./registry";

/** Below the folders of models and of run reports. */
const promoted = "promoted/*";

/** What the other environment's policies allow in return. The ID of its key is not known here. */
function readSource(from: Place, pipeline: string): Statement[] {
  return [
    {
      sid: "ReadSourceVersions",
      actions: ["sagemaker:DescribeModelPackage"],
      resources: [pipelineNames(from, pipeline).made.modelPackages],
    },
    {
      sid: "ReadSource",
      actions: ["s3:GetObject"],
      resources: versionObjects(from, pipeline).flatMap(({ bucket, keys }) =>
        keys.map((key) => `arn:aws:s3:::${bucket}/${key}`),
      ),
    },
    {
      sid: "DecryptSource",
      actions: ["kms:Decrypt"],
      resources: [`arn:aws:kms:${from.region}:${from.accountId}:key/*`],
      conditions: throughS3(from),
    },
  ];
}

export function promoteFunction(
  name: string,
  { platform, pipeline, endpoint, deadLetters, reads, writes }: RegistryArgs,
  from: Place,
  modelVersions: ModelVersions,
  options: pulumi.ComponentResourceOptions,
): NodeFunction {
  const { spec, names } = pipeline;
  const made = new NodeFunction(
    `${name}-promote`,
    {
      platform,
      functionName: names.registryPromote,
      handler: "registry-promote",
      description: `${spec.name}: registers an approved version of another environment, with its evidence`,
      spec,
      environment: {
        DAYBREAK_PIPELINE: spec.name,
        MODEL_PACKAGE_GROUP: modelVersions.groupName,
        ENDPOINT_NAME: endpoint.name,
        ALERT_TOPIC_ARN: platform.alertTopicArn,
        IMAGE_URI: platform.config.modelImage,
        SOURCE_ENVIRONMENT: from.environment,
        SOURCE_GROUP_ARN: pipelineNames(from, spec.name).groupArn,
        ...(platform.reviewerRoleId === undefined ? {} : { REVIEWER_ROLE_ID: platform.reviewerRoleId }),
      },
      // CreateModelPackage reads the model with the caller's permissions.
      reads: [reads.models.only(promoted), reads.runReports.only(promoted)],
      writes: [writes.models.only(promoted), writes.runReports.only(promoted)],
      statements: [
        ...readSource(from, spec.name),
        ...endpoint.describe,
        ...modelVersions.register,
        pullImage(platform.config.modelImage),
        ...publish(platform.alertTopicArn, platform.messagesKeyArn),
      ],
      deadLetters,
      timeoutSeconds: 900,
      memoryMegabytes: 1024,
    },
    options,
  );
  new aws.lambda.FunctionUrl(`${name}-promote-url`, { functionName: made.name, authorizationType: "AWS_IAM" }, options);
  return made;
}
