import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import type { Dataset, TableDataset } from "../../lake/dataset";
import type { StageArgs } from "../../platform";
import { glueStep } from "../../workflows/glue-step";
import type { TaskState } from "../../workflows/states";
import type { Job } from "../../workflows/tasks";

export interface TransformArgs extends StageArgs {
  runtime: JobRuntime;
  /**
   * Processed files show which raw files are new; published events show which new events are duplicates. The transform
   * state names the files that the job is reading, so that a file on which it crashes can be set aside.
   */
  reads: {
    rawEvents: Dataset;
    events: TableDataset;
    processedFiles: TableDataset;
    quarantine: TableDataset;
    transformState: Dataset;
  };
  writes: { staged: TableDataset; transformState: Dataset };
}

/** The transform stage: parses, types and deduplicates the raw events that arrived since the last run. */
export class Transform extends pulumi.ComponentResource {
  readonly job: GlueJob;
  readonly staged: TableDataset;

  constructor(name: string, args: TransformArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Transform", name, {}, options);
    this.staged = args.writes.staged;
    this.job = new GlueJob(
      name,
      {
        ...args,
        stage: "transform",
        description: `${args.pipeline.spec.name}: parses, types and deduplicates new raw events`,
        reads: Object.values(args.reads),
        writes: Object.values(args.writes),
        reports: ["transform-files"],
        timeoutMinutes: 120,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** The states of the transform stage in the run workflow. */
export function transformStates(job: Job, next: string): { Transform: TaskState } {
  return { Transform: glueStep(job, "Transform", next) };
}
