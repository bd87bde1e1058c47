/** A stage's Glue job as a step of a run. */
import type * as pulumi from "@pulumi/pulumi";
import { expression, type TaskState, type Value } from "./states";
import { runGlueJob } from "./tasks";

export interface Job {
  name: pulumi.Input<string>;
  arn: pulumi.Input<string>;
}

/** Which run the job works for, and the resolved pipeline.yaml and SQL that the run was planned with. */
const runArguments: Record<string, Value> = {
  "--run": expression("$run.report_uri & '/plan.json'"),
  "--spec": expression("$run.spec_uri"),
};

/** Runs a stage's job for the run of this execution. */
export function glueStep(job: Job, next: string): TaskState {
  return runGlueJob(job, runArguments, { next });
}
