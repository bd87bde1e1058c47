/** The monitor workflow. One execution is one drift check. */
import type * as pulumi from "@pulumi/pulumi";
import { type Audience, failureHandler } from "../../workflows/alerts";
import { execution, expression, type Workflow } from "../../workflows/states";
import { invoke } from "../../workflows/tasks";

export interface MonitorWorkflowArgs {
  audience: Audience;
  driftArn: pulumi.Input<string>;
}

/** Builds the monitor workflow. */
export function monitorWorkflow({ audience, driftArn }: MonitorWorkflowArgs): Workflow {
  return {
    comment: `${audience.pipeline}: checks a scored day for drift`,
    startAt: "MonitorDrift",
    onError: "AlertFailure",
    timeoutSeconds: 3600,
    states: {
      MonitorDrift: invoke(
        driftArn,
        { execution, input: expression("$states.input") },
        { output: expression("$states.result.Payload"), next: "MonitorFinished" },
      ),
      MonitorFinished: { type: "succeed", output: expression("$states.input") },
      ...failureHandler(audience, "monitor"),
    },
  };
}
