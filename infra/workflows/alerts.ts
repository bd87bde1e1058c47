/** How workflows tell people: one message to the alerts topic, as the contract says. */
import type * as pulumi from "@pulumi/pulumi";
import type { AlertKind, AlertOf, WorkflowName } from "../../contracts/alert-message";
import type { StageArgs } from "../platform";
import { type Constructed, code, jsonText } from "./jsonata";
import { expression, type FailState, type TaskState } from "./states";
import { publish } from "./tasks";

/** Whose alerts they are, and where they go. */
export interface Audience {
  environment: string;
  pipeline: string;
  topic: { arn: pulumi.Input<string>; keyArn: pulumi.Input<string> };
}

/** The audience of a pipeline's workflows. */
export function audienceOf({ platform, pipeline }: StageArgs): Audience {
  return {
    environment: platform.place.environment,
    pipeline: pipeline.spec.name,
    topic: { arn: platform.alertTopicArn, keyArn: platform.messagesKeyArn },
  };
}

/** The longest cause that an alert carries: a stack trace is read in the logs. */
const longestCause = 3000;

/** What a message of a kind says beside whose it is: every field that its contract requires, and no other. */
type Facts<Kind extends AlertKind> = {
  readonly [Field in keyof Omit<AlertOf<Kind>, "kind" | "environment" | "pipeline" | "executionArn">]: Constructed;
};

/** Publishes one message of a kind. */
export function alert<Kind extends AlertKind>(
  audience: Audience,
  kind: Kind,
  facts: Facts<Kind>,
  next: string,
): TaskState {
  const message = jsonText({
    kind,
    environment: audience.environment,
    pipeline: audience.pipeline,
    ...facts,
    executionArn: code("$states.context.Execution.Id"),
  });
  return publish(audience.topic, expression(message), { next });
}

/**
 * What every workflow does with an error that no task caught: tell people, then fail with the same error and cause. Should even
 * the telling fail, the execution still ends with what went wrong first, and its alarm goes off.
 */
export function failureHandler(
  audience: Audience,
  workflow: WorkflowName,
  runId?: string,
): { AlertFailure: TaskState; Failed: FailState } {
  const message = jsonText({
    kind: "workflow-failed",
    environment: audience.environment,
    pipeline: audience.pipeline,
    workflow,
    step: code("$failure.step"),
    error: code("$failure.error"),
    cause: code(`$substring($failure.cause, 0, ${longestCause})`),
    ...(runId === undefined ? {} : { runId: code(runId) }),
    executionArn: code("$states.context.Execution.Id"),
  });
  return {
    AlertFailure: {
      ...publish(audience.topic, expression(message), { next: "Failed", handled: false }),
      catch: [{ errors: ["States.ALL"], next: "Failed" }],
    },
    Failed: { type: "fail", error: expression("$failure.error"), cause: expression("$failure.cause") },
  };
}
