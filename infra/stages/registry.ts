import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { NodeFunction } from "../components/node-function";
import { pullImage } from "../iam/sagemaker";
import type { Statement } from "../iam/statements";
import { decrypt, listFolders, readObjects } from "../iam/storage";
import { zoneFolder } from "../names";
import type { StageArgs } from "../platform";
import type { Lake } from "./lake";

export interface RegistryArgs extends StageArgs {
  lake: Lake;
}

/** Keeps the versions of the pipeline's model, and decides which may become one. */
export class Registry extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;
  readonly registerArn: pulumi.Output<string>;

  constructor(name: string, args: RegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Registry", name, {}, options);
    const { platform, pipeline, lake } = args;
    const group = new aws.sagemaker.ModelPackageGroup(
      `${name}-group`,
      {
        modelPackageGroupName: pipeline.names.modelPackageGroup,
        modelPackageGroupDescription: pipeline.spec.description || `Models of ${pipeline.spec.name}`,
      },
      { parent: this, protect: platform.config.protectData },
    );
    this.groupName = group.modelPackageGroupName;
    this.registerArn = new NodeFunction(
      `${name}-register`,
      {
        platform,
        functionName: `${pipeline.names.prefix}-registry-register`,
        handler: "registry-register",
        description: `${pipeline.spec.name}: the gate, and the registration of what passes it`,
        spec: pipeline.spec,
        environment: {
          DAYBREAK_PIPELINE: pipeline.spec.name,
          MODEL_PACKAGE_GROUP: group.modelPackageGroupName,
          IMAGE_URI: platform.config.trainingImage,
        },
        statements: registerStatements(args, group.arn),
        deadLetters: lake.deadLetters,
        timeoutSeconds: 120,
        memoryMegabytes: 512,
      },
      { parent: this },
    ).arn;
    this.registerOutputs({ groupName: this.groupName });
  }
}

function registerStatements({ platform, pipeline }: RegistryArgs, groupArn: pulumi.Output<string>): Statement[] {
  const folder = (zone: Parameters<typeof zoneFolder>[0]) => zoneFolder(zone, pipeline.spec.name);
  const packages = [groupArn, pipeline.names.made.modelPackages];
  // Where a person approves, this Lambda must not be able to.
  const approval: Statement[] =
    pipeline.spec.approval.mode === "automatic"
      ? [{ sid: "Approve", actions: ["sagemaker:UpdateModelPackage"], resources: packages }]
      : [];
  // SageMaker looks at the model, its source and its image with the rights of whoever registers them.
  const [, pull] = pullImage(platform.config.trainingImage);
  return [
    readObjects("Reports", platform.lake.arn, [`${folder("reports")}runs/*`]),
    readObjects("Models", platform.lake.arn, [`${folder("models")}*`]),
    listFolders("Lake", platform.lake.arn, [folder("reports"), folder("models")]),
    readObjects("Source", platform.code.arn, ["model/*"]),
    decrypt("Data", platform.dataKeyArn),
    {
      sid: "Register",
      actions: ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:AddTags"],
      resources: packages,
    },
    // Listing versions has no resource to name; the request names the group.
    { sid: "FindRegistered", actions: ["sagemaker:ListModelPackages"], resources: ["*"] },
    ...(pull === undefined ? [] : [pull]),
    ...approval,
  ];
}
