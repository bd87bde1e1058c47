import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import { NodeFunction } from "../../components/node-function";
import { ServiceRole } from "../../components/service-role";
import { type JobKind, runModelCode } from "../../iam/sagemaker";
import type { Statement } from "../../iam/statements";
import { listFolders, readObjects } from "../../iam/storage";
import type { Dataset, TableDataset } from "../../lake/dataset";
import type { AsynchronousStageArgs } from "../../platform";
import type { JobPlace } from "./sagemaker-jobs";

export interface TrainArgs extends AsynchronousStageArgs {
  runtime: JobRuntime;
  reads: { features: TableDataset; events: TableDataset };
  writes: { trainingSets: Dataset; models: Dataset; runReports: Dataset; trainingState: Dataset };
}

/** The train stage: builds a run's training set, trains a model and evaluates it against the champion, the serving model. */
export class Train extends pulumi.ComponentResource {
  readonly datasetJob: GlueJob;
  /** Decides whether the training job starts. */
  readonly decideFunction: NodeFunction;
  readonly jobs: JobPlace;
  readonly trainingSets: Dataset;
  readonly models: Dataset;
  /** Contains the evaluation of each training run. */
  readonly runReports: Dataset;

  constructor(name: string, args: TrainArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Train", name, {}, options);
    const { platform, pipeline, runtime, reads, writes } = args;
    this.trainingSets = writes.trainingSets;
    this.models = writes.models;
    this.runReports = writes.runReports;
    this.datasetJob = new GlueJob(
      name,
      {
        platform,
        pipeline,
        runtime,
        stage: "train",
        suffix: "train-dataset",
        description: `${pipeline.spec.name}: builds a point-in-time training set`,
        reads: [reads.features, reads.events],
        writes: [writes.trainingSets],
        timeoutMinutes: 120,
      },
      { parent: this },
    );
    this.decideFunction = new NodeFunction(
      `${name}-decide`,
      {
        platform,
        functionName: `${pipeline.names.prefix}-train-decide`,
        handler: "train-decide",
        description: `${pipeline.spec.name}: decides whether a training set is worth training on`,
        environment: { DAYBREAK_PIPELINE: pipeline.spec.name },
        reads: [writes.runReports, writes.trainingState],
        writes: [writes.trainingState.only("not-enough-history.json")],
        statements: [],
        deadLetters: args.deadLetters,
        timeoutSeconds: 60,
        memoryMegabytes: 256,
      },
      { parent: this },
    );
    const role = (suffix: string, kind: JobKind, description: string, statements: readonly Statement[]) =>
      new ServiceRole(
        `${name}-${suffix}`,
        {
          roleName: `${pipeline.names.prefix}-train-${suffix}`,
          service: "sagemaker.amazonaws.com",
          accountId: platform.place.accountId,
          description,
          statements: [...runModelCode(platform, kind), ...writes.trainingSets.read, ...statements],
        },
        { parent: this },
      ).arn;
    this.jobs = {
      trainingRoleArn: role("model", "TrainingJobs", "SageMaker: trains a model and fits it again", [
        // The refit reads the evaluated model.
        ...writes.models.read,
        ...writes.models.write,
      ]),
      evaluationRoleArn: role(
        "evaluation",
        "ProcessingJobs",
        "SageMaker: evaluates a model against the serving model",
        [
          ...writes.models.read,
          ...writes.runReports.only("*/plan.json").read,
          ...writes.runReports.only("*/evaluation/*").write,
          readObjects("Spec", platform.codeBucket.arn, [`pipelines/${pipeline.spec.name}/*`]),
          listFolders("Spec", platform.codeBucket.arn, [`pipelines/${pipeline.spec.name}/`]),
        ],
      ),
      keyArn: platform.dataKeyArn,
      vpcConfig: platform.network?.containerConfig,
      imageUri: platform.config.modelImage,
      modelSourceUri: runtime.code.modelFolder,
    };
    this.registerOutputs({});
  }
}
