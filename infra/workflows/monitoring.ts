/** One drift check. */
import type * as pulumi from "@pulumi/pulumi";
import { type Audience, failureHandler } from "./alerts";
import { expression, type Workflow } from "./states";
import { invoke } from "./tasks";

export interface MonitoringWorkflowArgs {
  audience: Audience;
  driftArn: pulumi.Input<string>;
}

/** The workflow that compares what is asked of the endpoint with what its model was trained on. */
export function monitoringWorkflow({ audience, driftArn }: MonitoringWorkflowArgs): Workflow {
  return {
    comment: `${audience.pipeline}: captured requests against the baseline of the version that serves`,
    startAt: "Check",
    onError: "AlertFailure",
    timeoutSeconds: 3600,
    states: {
      Check: invoke(
        driftArn,
        {
          execution: {
            arn: expression("$states.context.Execution.Id"),
            name: expression("$states.context.Execution.Name"),
            started_at: expression("$states.context.Execution.StartTime"),
          },
          input: expression("$states.input"),
        },
        { output: expression("$states.result.Payload"), next: "Finished" },
      ),
      Finished: { type: "succeed", output: expression("$states.input") },
      ...failureHandler(audience, "monitor"),
    },
  };
}
