import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import type { TableDataset } from "../../lake/dataset";
import type { StageArgs } from "../../platform";
import { glueStep, type Job } from "../../workflows/glue-step";
import type { TaskState } from "../../workflows/states";

export interface QualityArgs extends StageArgs {
  runtime: JobRuntime;
  reads: { staged: TableDataset };
  writes: { events: TableDataset; quarantine: TableDataset; processedFiles: TableDataset };
}

/** Checks staged events against the pipeline's rules, publishes the good ones and quarantines the others. */
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
        description: `${args.pipeline.spec.name}: data quality rules, then publication`,
        reads: Object.values(args.reads),
        writes: Object.values(args.writes),
        timeoutMinutes: 120,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** The stage's state in a run. */
export function qualityStates(job: Job, next: string): { Quality: TaskState } {
  return { Quality: glueStep(job, next) };
}
