import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { NodeFunction } from "../../components/node-function";
import { pullImage } from "../../iam/sagemaker";
import { resourcePolicyDocument } from "../../iam/statements";
import { readObjects } from "../../iam/storage";
import type { Dataset } from "../../lake/dataset";
import type { AsynchronousStageArgs } from "../../platform";
import { groupGrants } from "../../promotion/grants";
import { placeOf } from "../../promotion/settings";
import type { Endpoint } from "../serve/endpoint";
import { ModelVersions } from "./model-versions";
import { promoteFunction } from "./promote";

export interface RegistryArgs extends AsynchronousStageArgs {
  endpoint: Endpoint;
  reads: { runReports: Dataset; models: Dataset };
  /** Models and reports of promoted versions only. */
  writes: { trainingState: Dataset; models: Dataset; runReports: Dataset };
}

/** The registry stage: the model package group, and the Lambda that registers a model if its evaluation passes the gate. */
export class Registry extends pulumi.ComponentResource {
  readonly modelVersions: ModelVersions;
  readonly registerFunction: NodeFunction;
  /** Deletes the versions that are no longer kept. */
  readonly retireFunction: NodeFunction;
  readonly functions: NodeFunction[];

  constructor(name: string, args: RegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Registry", name, {}, options);
    const { platform, pipeline, deadLetters } = args;
    const { spec, names } = pipeline;
    const group = new aws.sagemaker.ModelPackageGroup(
      `${name}-group`,
      {
        modelPackageGroupName: names.modelPackageGroup,
        // Not the description of pipeline.yaml: a change of it would replace the group.
        modelPackageGroupDescription: `Models of ${spec.name}`,
      },
      { parent: this, protect: platform.config.protectData },
    );
    shareVersions(name, args, group, this);
    this.modelVersions = new ModelVersions(group.modelPackageGroupName, group.arn, names.made.modelPackages);
    this.registerFunction = new NodeFunction(
      `${name}-register`,
      {
        platform,
        functionName: `${names.prefix}-registry-register`,
        handler: "registry-register",
        description: `${spec.name}: registers a model if it passes the gate`,
        spec,
        environment: {
          DAYBREAK_PIPELINE: spec.name,
          MODEL_PACKAGE_GROUP: this.modelVersions.groupName,
          IMAGE_URI: platform.config.modelImage,
          ...(platform.reviewerRoleId === undefined ? {} : { REVIEWER_ROLE_ID: platform.reviewerRoleId }),
        },
        reads: [...Object.values(args.reads), args.writes.trainingState],
        writes: [args.writes.trainingState],
        statements: [
          ...this.modelVersions.register,
          // With manual approval, the Lambda must not be able to approve.
          ...(spec.approval.mode === "automatic" ? [this.modelVersions.approve] : []),
          // CreateModelPackage reads the model, its source and its image with the caller's permissions.
          readObjects("Source", platform.codeBucket.arn, ["model/*"]),
          pullImage(platform.config.modelImage),
        ],
        deadLetters,
        timeoutSeconds: 120,
        memoryMegabytes: 512,
      },
      { parent: this },
    );
    this.retireFunction = retireFunction(name, args, this.modelVersions, this);
    const { from } = platform.config.promotion;
    const promote =
      from && promoteFunction(name, args, placeOf(platform.place, from), this.modelVersions, { parent: this });
    this.functions = [this.registerFunction, this.retireFunction, ...(promote === undefined ? [] : [promote])];
    this.registerOutputs({ groupName: this.modelVersions.groupName });
  }
}

/** Lets the environments that take versions of this one read them. */
function shareVersions(
  name: string,
  { platform, pipeline }: RegistryArgs,
  group: aws.sagemaker.ModelPackageGroup,
  parent: Registry,
): void {
  const { to } = platform.config.promotion;
  if (to.length === 0) return;
  const { name: own } = pipeline.spec;
  new aws.sagemaker.ModelPackageGroupPolicy(
    `${name}-group-policy`,
    {
      modelPackageGroupName: group.modelPackageGroupName,
      resourcePolicy: resourcePolicyDocument(
        groupGrants({ place: platform.place, to, pipelines: [own] }, own, group.arn),
      ),
    },
    { parent },
  );
}

function retireFunction(
  name: string,
  { platform, pipeline, endpoint, deadLetters }: RegistryArgs,
  modelVersions: ModelVersions,
  parent: Registry,
): NodeFunction {
  const { spec, names } = pipeline;
  return new NodeFunction(
    `${name}-retire`,
    {
      platform,
      functionName: `${names.prefix}-registry-retire`,
      handler: "registry-retire",
      description: `${spec.name}: deletes the model versions that are no longer kept`,
      environment: {
        DAYBREAK_PIPELINE: spec.name,
        MODEL_PACKAGE_GROUP: modelVersions.groupName,
        ENDPOINT_NAME: endpoint.name,
        NAME_PREFIX: names.madePrefix,
        MODEL_VERSION_DAYS: String(platform.config.retention.modelVersionDays),
      },
      statements: [...endpoint.describe, ...modelVersions.retire, ...endpoint.retire],
      deadLetters,
      timeoutSeconds: 300,
      memoryMegabytes: 256,
    },
    { parent },
  );
}
