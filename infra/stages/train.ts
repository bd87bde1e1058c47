import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../components/glue-job";
import { NodeFunction } from "../components/node-function";
import { ServiceRole } from "../components/service-role";
import { pullImage, readServing, writeSageMakerLogs } from "../iam/sagemaker";
import { putMetrics } from "../iam/services";
import type { Statement } from "../iam/statements";
import { grantKey, listFolders, ownObjects, putObjects, readObjects, readTables, useKey } from "../iam/storage";
import { zoneFolder } from "../names";
import type { StageArgs } from "../platform";
import type { JobPlace } from "../workflows/sagemaker-jobs";
import type { JobStageArgs } from "./transform";

/** Plans a run, makes its training set, trains and evaluates. */
export class Train extends pulumi.ComponentResource {
  readonly planArn: pulumi.Output<string>;
  readonly datasetJob: GlueJob;
  readonly jobs: JobPlace;

  constructor(name: string, args: JobStageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Train", name, {}, options);
    const { platform, pipeline, code } = args;
    this.planArn = planFunction(name, args, this).arn;
    this.datasetJob = datasetJob(name, args, this);
    const role = (kind: "training" | "evaluation", description: string, statements: readonly Statement[]) =>
      new ServiceRole(
        `${name}-${kind}`,
        {
          roleName: `${pipeline.names.prefix}-${kind}`,
          service: "sagemaker.amazonaws.com",
          accountId: platform.place.accountId,
          description,
          statements: [...jobStatements(args), ...statements],
        },
        { parent: this },
      ).arn;
    const models = [`${zoneFolder("models", pipeline.spec.name)}*`];
    this.jobs = {
      trainingRoleArn: role("training", "SageMaker: trains a model", [
        putObjects("Models", platform.lake.arn, models),
        writeSageMakerLogs(platform.place, "TrainingJobs"),
        putMetrics("/aws/sagemaker/TrainingJobs"),
      ]),
      evaluationRoleArn: role("evaluation", "SageMaker: evaluates a model beside the one that serves", [
        readObjects("Models", platform.lake.arn, models),
        putObjects("Evaluation", platform.lake.arn, [`${zoneFolder("reports", pipeline.spec.name)}runs/*`]),
        writeSageMakerLogs(platform.place, "ProcessingJobs"),
        putMetrics("/aws/sagemaker/ProcessingJobs"),
      ]),
      keyArn: platform.dataKeyArn,
      imageUri: platform.config.trainingImage,
      modelSourceUri: code.modelFolder,
    };
    this.registerOutputs({});
  }
}

/** What both kinds of job do: fetch the image, the code and the training set. */
function jobStatements({ platform, pipeline }: StageArgs): Statement[] {
  const folder = (zone: Parameters<typeof zoneFolder>[0]) => zoneFolder(zone, pipeline.spec.name);
  return [
    ...pullImage(platform.config.trainingImage),
    readObjects("Code", platform.code.arn, ["model/*"]),
    listFolders("Code", platform.code.arn, ["model/"]),
    readObjects("Dataset", platform.lake.arn, [`${folder("datasets")}*`]),
    listFolders("Lake", platform.lake.arn, [folder("datasets"), folder("models"), folder("reports")]),
    useKey("Data", platform.dataKeyArn),
    ...grantKey("Data", platform.dataKeyArn),
  ];
}

function planFunction(name: string, { platform, pipeline, lake, code }: JobStageArgs, parent: Train): NodeFunction {
  const { git } = platform.config;
  return new NodeFunction(
    `${name}-plan`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-run-plan`,
      handler: "run-plan",
      description: `${pipeline.spec.name}: the plan of a run`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        LAKE_BUCKET: platform.lake.name,
        SPEC_URI: lake.specUri,
        TRAINING_SOURCE_URI: code.trainingSource,
        ENDPOINT_NAME: pipeline.names.endpoint,
        GIT_COMMIT: git.commit,
        GIT_DIRTY: String(git.dirty),
      },
      statements: [
        putObjects("Plan", platform.lake.arn, [`${zoneFolder("reports", pipeline.spec.name)}runs/*`]),
        useKey("Data", platform.dataKeyArn),
        readServing(pipeline.names),
      ],
      deadLetters: lake.deadLetters,
      timeoutSeconds: 60,
      memoryMegabytes: 256,
    },
    { parent },
  );
}

function datasetJob(name: string, args: JobStageArgs, parent: Train): GlueJob {
  const { platform, pipeline, lake } = args;
  const folder = (zone: Parameters<typeof zoneFolder>[0]) => zoneFolder(zone, pipeline.spec.name);
  const bucket = platform.lake.arn;
  return new GlueJob(
    name,
    {
      platform,
      pipeline,
      suffix: "train",
      description: `${pipeline.spec.name}: the point-in-time training set`,
      scriptUri: args.code.glueScripts.train,
      packageUri: args.code.etlPackage,
      securityConfiguration: args.glueSecurity,
      logGroupArns: lake.jobLogArns,
      statements: [
        listFolders("Lake", bucket, [folder("curated"), folder("features"), folder("datasets"), folder("reports")]),
        readObjects("TableFiles", bucket, [`${folder("curated")}*`, `${folder("features")}*`]),
        ownObjects("Datasets", bucket, [`${folder("datasets")}*`]),
        readTables(lake.catalog, ["*"]),
      ],
      timeoutMinutes: 120,
    },
    { parent },
  );
}
