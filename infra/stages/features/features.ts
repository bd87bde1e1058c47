import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import type { Dataset, TableDataset } from "../../lake/dataset";
import type { StageArgs } from "../../platform";
import { glueStep, type Job } from "../../workflows/glue-step";
import type { TaskState } from "../../workflows/states";
import { FeatureGroup } from "./feature-group";

export interface FeaturesArgs extends StageArgs {
  runtime: JobRuntime;
  /** The state says which days are computed already, and of which events. */
  reads: { events: TableDataset; featureState: Dataset };
  writes: { features: TableDataset; featureState: Dataset };
}

/** Computes features as of a point in time, and keeps them: all of them offline, the newest of each entity online. */
export class Features extends pulumi.ComponentResource {
  readonly job: GlueJob;
  readonly features: TableDataset;
  /** The online store, for who serves. */
  readonly group: FeatureGroup;

  constructor(name: string, args: FeaturesArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Features", name, {}, options);
    this.features = args.writes.features;
    this.group = new FeatureGroup(name, { ...args, features: this.features }, { parent: this });
    this.job = new GlueJob(
      name,
      {
        ...args,
        stage: "features",
        description: `${args.pipeline.spec.name}: features of every entity as of a time`,
        reads: Object.values(args.reads),
        writes: Object.values(args.writes),
        statements: [this.group.putRecord],
        jobArguments: { "--feature_group": this.group.groupName },
        timeoutMinutes: 240,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** The stage's state in a run. */
export function featuresStates(job: Job, next: string): { Features: TaskState } {
  return { Features: glueStep(job, next) };
}
