import type * as pulumi from "@pulumi/pulumi";
import { DeadLetters } from "../components/dead-letters";
import type { DeadLetterTarget, StageArgs } from "../platform";

/** The dead-letter queue of a pipeline's event rules, schedules and asynchronous Lambda invocations. */
export function pipelineDeadLetters(
  name: string,
  { platform, pipeline }: StageArgs,
  options: pulumi.ComponentResourceOptions = {},
): DeadLetterTarget {
  const { region, accountId } = platform.place;
  return new DeadLetters(
    name,
    {
      queueName: pipeline.names.deadLetters,
      keyArn: platform.messagesKeyArn,
      senders: [
        {
          service: "events.amazonaws.com",
          sourceArn: Object.values(pipeline.names.rules).map(
            (rule) => `arn:aws:events:${region}:${accountId}:rule/${rule}`,
          ),
        },
      ],
      topicArn: platform.alertTopicArn,
      description:
        `An event of ${pipeline.spec.name} (a model approval, a drift alarm or a scheduled start) failed after all retries. ` +
        `See the message attributes in the queue ${pipeline.names.deadLetters} for the error and the rule, schedule or Lambda.`,
      runbook: "event-not-processed",
    },
    options,
  ).target;
}
