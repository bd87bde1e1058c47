import type * as pulumi from "@pulumi/pulumi";
import { DeadLetters } from "../components/dead-letters";
import type { DeadLetterTarget, StageArgs } from "../platform";

/** Where a pipeline's asynchronous calls leave what failed for good. */
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
          sourceArn: `arn:aws:events:${region}:${accountId}:rule/${pipeline.names.prefix}-*`,
        },
      ],
      topicArn: platform.alertTopicArn,
      description:
        `A call of ${pipeline.spec.name} failed for good: an approval, a drift alarm or a scheduled start. ` +
        "The message's attributes name its rule, schedule or Lambda, and the error.",
    },
    options,
  ).target;
}
