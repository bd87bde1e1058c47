import { at, type Resource, type Rule } from "../rule";

/** Where each asynchronous hop names the queue of what it could not deliver. */
const queues: Readonly<Record<string, (props: Resource["props"]) => unknown>> = {
  "aws:cloudwatch/eventTarget:EventTarget": ({ deadLetterConfig }) => at(deadLetterConfig, "arn"),
  "aws:lambda/function:Function": ({ deadLetterConfig }) => at(deadLetterConfig, "targetArn"),
  "aws:scheduler/schedule:Schedule": ({ target }) => at(target, "deadLetterConfig", "arn"),
  // Mail has none: SNS retries it and gives up.
  "aws:sns/topicSubscription:TopicSubscription": ({ protocol, redrivePolicy }) =>
    protocol === "email" ? "none" : redrivePolicy,
};

export const deadLetters: Rule = {
  name: "dead-letters",
  description: "Every asynchronous hop keeps what it could not deliver in a dead-letter queue.",
  types: Object.keys(queues),
  judge: ({ type, props }) => (queues[type]?.(props) === undefined ? ["has no dead-letter queue."] : []),
};
