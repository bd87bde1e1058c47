import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import type { Dataset, TableDataset } from "../../lake/dataset";
import type { AsynchronousStageArgs } from "../../platform";
import { glueStep } from "../../workflows/glue-step";
import type { TaskState } from "../../workflows/states";
import type { Job } from "../../workflows/tasks";
import { FeatureGroup } from "./feature-group";

export interface FeaturesArgs extends AsynchronousStageArgs {
  runtime: JobRuntime;
  /** The feature state lists the days that have been computed, and from which events snapshot. */
  reads: { events: TableDataset; featureState: Dataset };
  writes: { features: TableDataset; featureState: Dataset; scoringSets: Dataset };
}

/** The features stage: computes every entity's features as of a point in time and writes them to the feature group. */
export class Features extends pulumi.ComponentResource {
  readonly job: GlueJob;
  readonly features: TableDataset;
  readonly featureState: Dataset;
  /** The rows that the score stage scores. */
  readonly scoringSets: Dataset;
  readonly group: FeatureGroup;

  constructor(name: string, args: FeaturesArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Features", name, {}, options);
    this.features = args.writes.features;
    this.featureState = args.writes.featureState;
    this.scoringSets = args.writes.scoringSets;
    this.group = new FeatureGroup(name, { ...args, features: this.features }, { parent: this });
    this.job = new GlueJob(
      name,
      {
        ...args,
        stage: "features",
        description: `${args.pipeline.spec.name}: computes the features of every entity as of a point in time`,
        reads: Object.values(args.reads),
        writes: Object.values(args.writes),
        statements: [this.group.putRecord],
        jobArguments: { "--feature_group": this.group.groupName },
        timeoutMinutes: 240,
      },
      { parent: this, dependsOn: [this.group.complete] },
    );
    this.registerOutputs({});
  }
}

/** The states of the features stage in the run workflow. */
export function featuresStates(job: Job, next: string): { Features: TaskState } {
  return { Features: glueStep(job, "Features", next) };
}
