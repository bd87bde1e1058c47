import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import type { TableDataset } from "../../lake/dataset";
import type { StageArgs } from "../../platform";
import { glueStep } from "../../workflows/glue-step";
import type { TaskState } from "../../workflows/states";
import type { Job } from "../../workflows/tasks";

export interface QualityArgs extends StageArgs {
  runtime: JobRuntime;
  reads: { staged: TableDataset };
  writes: { events: TableDataset; quarantine: TableDataset; processedFiles: TableDataset };
}

/** The quality stage: checks staged events against the pipeline's rules, publishes valid ones and quarantines the rest. */
export class Quality extends pulumi.ComponentResource {
  readonly job: GlueJob;
  readonly events: TableDataset;

  constructor(name: string, args: QualityArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Quality", name, {}, options);
    this.events = args.writes.events;
    this.job = new GlueJob(
      name,
      {
        ...args,
        stage: "quality",
        description: `${args.pipeline.spec.name}: applies the data quality rules and publishes valid events`,
        reads: Object.values(args.reads),
        writes: Object.values(args.writes),
        timeoutMinutes: 120,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** The states of the quality stage in the run workflow. */
export function qualityStates(job: Job, next: string): { Quality: TaskState } {
  return { Quality: glueStep(job, "Quality", next) };
}
