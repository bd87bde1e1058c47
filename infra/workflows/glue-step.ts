/** A stage's Glue job as a state of the run workflow. */
import type * as pulumi from "@pulumi/pulumi";
import { expression, type TaskState, type Value } from "./states";
import { runGlueJob } from "./tasks";

export interface Job {
  name: pulumi.Input<string>;
  arn: pulumi.Input<string>;
}

/** URIs of the run's plan and of the pipeline spec that the run was planned with. */
const runArguments: Record<string, Value> = {
  "--run": expression("$run.report_uri & '/plan.json'"),
  "--spec": expression("$run.spec_uri"),
};

/** A state that runs a stage's Glue job. */
export function glueStep(job: Job, next: string): TaskState {
  return runGlueJob(job, runArguments, { next });
}
