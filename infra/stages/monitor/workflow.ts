/** The monitor workflow. One execution is one check of each kind that has something new to look at. */
import type * as pulumi from "@pulumi/pulumi";
import { type Audience, failureHandler } from "../../workflows/alerts";
import { execution, expression, type Workflow } from "../../workflows/states";
import { invoke, type Job, runGlueJob } from "../../workflows/tasks";
import { inTurn, type TurnArgs } from "../../workflows/turns";

export interface MonitorWorkflowArgs {
  audience: Audience;
  driftArn: pulumi.Input<string>;
  planArn: pulumi.Input<string>;
  checksJob: Job;
  turn: TurnArgs;
}

/** Builds the monitor workflow. */
export function monitorWorkflow({ audience, driftArn, planArn, checksJob, turn }: MonitorWorkflowArgs): Workflow {
  const workflow = {
    comment: `${audience.pipeline}: checks the serving version`,
    startAt: "MonitorDrift",
    onError: "AlertFailure",
    states: {
      MonitorDrift: invoke(
        driftArn,
        { execution, input: expression("$states.input") },
        {
          assign: { asked: expression("$states.input"), drift: expression("$states.result.Payload") },
          next: "MonitorPlan",
        },
      ),
      MonitorPlan: invoke(
        planArn,
        { input: expression("$asked"), version: expression("$drift.version") },
        { assign: { checks: expression("$states.result.Payload") }, next: "MonitorWanted" },
      ),
      // A Glue job costs money even if it finds nothing to do.
      MonitorWanted: {
        type: "choice",
        rules: [{ when: "$checks.serving != null or $checks.quality != null", next: "MonitorChecks" }],
        otherwise: "MonitorFinished",
      },
      MonitorChecks: runGlueJob(checksJob, { "--checks": expression("$string($checks)") }, { next: "MonitorFinished" }),
      MonitorFinished: { type: "succeed", output: expression("$drift") },
      ...failureHandler(audience, "monitor"),
    },
  } satisfies Omit<Workflow, "timeoutSeconds">;
  return inTurn(workflow, turn);
}
