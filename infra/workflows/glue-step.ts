/** A stage's Glue job as a state of the run workflow. */
import { type ChoiceState, expression, failureOf, type TaskState, type Value } from "./states";
import { type Job, runGlueJob } from "./tasks";

/** URIs of the run's plan and of the pipeline spec that the run was planned with. */
const runArguments: Record<string, Value> = {
  "--run": expression("$run.report_uri & '/plan.json'"),
  "--spec": expression("$run.spec_uri"),
};

/** The state that decides whether a failed step is repeated. */
export const repeat = "Repeat";

/** The variable that counts the failed jobs of a run; the workflow's first state assigns it 0. */
export const failedJobs = "failedJobs";

/** The errors by which a step stops a run because of its data, its SQL or its settings. Repeating it changes nothing. */
export const dataErrors = ["SqlError", "DatasetRuleBroken", "TrainingSetError"];

/** A state that runs a stage's Glue job. If the job fails, `repeat` comes next. */
export function glueStep(job: Job, name: string, next: string): TaskState {
  const assign = { ...failureOf(name), [failedJobs]: expression(`$${failedJobs} + 1`) };
  return runGlueJob(job, runArguments, { next, catch: [{ errors: ["States.TaskFailed"], assign, next: repeat }] });
}

/** Repeats a step, once in a run, if its job failed for another reason than its data, such as a lost driver. */
export function repeatState(steps: readonly string[], otherwise: string): ChoiceState {
  const lost = [
    `$${failedJobs} = 1`,
    // Errors of Glue's API have other names, and are retried by the step itself.
    "$failure.error = 'States.TaskFailed'",
    // Not a job that was stopped or took too long.
    `$contains($failure.cause, '"JobRunState":"FAILED"')`,
    ...dataErrors.map((error) => `$not($contains($failure.cause, '${error}'))`),
  ].join(" and ");
  return {
    type: "choice",
    rules: steps.map((step) => ({ when: `$failure.step = '${step}' and ${lost}`, next: step })),
    otherwise,
  };
}
