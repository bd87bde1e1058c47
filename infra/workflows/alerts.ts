/** Alert messages that workflows publish to the alert topic, as defined in contracts/alert-message.ts. */
import type * as pulumi from "@pulumi/pulumi";
import type { AlertKind, AlertOf, WorkflowName } from "../../contracts/alert-message";
import type { StageArgs } from "../platform";
import { type Constructed, code, jsonText } from "./jsonata";
import { expression, type FailState, type TaskState } from "./states";
import { publish } from "./tasks";

/** The origin of a workflow's alerts, and the topic they go to. */
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

/** Maximum length of the cause in an alert, in characters. The execution history has the whole text. */
const longestCause = 3000;

/** The fields that the contract requires for a kind of alert, without those that every alert has. */
type Facts<Kind extends AlertKind> = {
  readonly [Field in keyof Omit<AlertOf<Kind>, "kind" | "environment" | "pipeline" | "executionArn">]: Constructed;
};

/** A state that publishes an alert. */
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
 * The states that handle every uncaught error: publish an alert, then fail with the original error and cause. If publishing
 * fails too, the execution still fails with the original error, and the state machine's alarm fires.
 *
 * @param runId JSONata that gives the run's ID; nothing if the plan failed
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
