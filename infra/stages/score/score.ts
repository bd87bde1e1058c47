import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import { ServiceRole } from "../../components/service-role";
import { runModelCode } from "../../iam/sagemaker";
import type { Dataset, TableDataset } from "../../lake/dataset";
import type { StageArgs } from "../../platform";
import type { ProcessingPlace } from "../../workflows/sagemaker-jobs";

export interface ScoreArgs extends StageArgs {
  runtime: JobRuntime;
  /** The run reports contain the baseline of the serving version. */
  reads: { scoringSets: Dataset; models: Dataset; runReports: Dataset };
  writes: { scoreReports: Dataset; scores: TableDataset; scoreExports: Dataset };
}

/** The score stage: the serving version scores every entity of the day, for the people who act on it and for the monitor. */
export class Score extends pulumi.ComponentResource {
  readonly tableJob: GlueJob;
  readonly scoring: ProcessingPlace;
  /** Contains the drift report of each run. */
  readonly scoreReports: Dataset;

  constructor(name: string, args: ScoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Score", name, {}, options);
    const { platform, pipeline, runtime, writes } = args;
    this.scoreReports = writes.scoreReports;
    this.scoring = {
      roleArn: scoringRole(name, args, this).arn,
      keyArn: platform.dataKeyArn,
      vpcConfig: platform.network?.containerConfig,
      imageUri: platform.config.modelImage,
      modelSourceUri: runtime.code.modelFolder,
    };
    this.tableJob = new GlueJob(
      name,
      {
        platform,
        pipeline,
        runtime,
        stage: "score",
        description: `${pipeline.spec.name}: puts the day's scores into the table and exports the newest day`,
        reads: [writes.scoreReports],
        writes: [writes.scores, writes.scoreReports.only("latest.json", "days/*"), writes.scoreExports],
        timeoutMinutes: 120,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function scoringRole(name: string, { platform, pipeline, reads, writes }: ScoreArgs, parent: Score): ServiceRole {
  return new ServiceRole(
    `${name}-customers`,
    {
      roleName: `${pipeline.names.prefix}-score-customers`,
      service: "sagemaker.amazonaws.com",
      accountId: platform.place.accountId,
      description: "SageMaker: scores the day's entities with the serving model",
      statements: [
        ...runModelCode(platform, "ProcessingJobs"),
        ...reads.scoringSets.read,
        ...reads.models.read,
        ...reads.runReports.only("*/evaluation/baseline.json").read,
        ...writes.scoreReports.only("*/scores.parquet", "*/scores.csv", "*/drift.json", "*/estimate.json").write,
        writes.scoreReports.list,
      ],
    },
    { parent },
  );
}
