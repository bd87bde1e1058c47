import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeadLetterTarget } from "../platform";
import type { NodeFunction } from "./node-function";

export interface EventTriggerArgs {
  ruleName: string;
  description: string;
  /** EventBridge event pattern. */
  pattern: pulumi.Input<Record<string, unknown>>;
  target: NodeFunction;
  deadLetters: DeadLetterTarget;
}

/** An EventBridge rule that invokes a Lambda. Events that fail for 24 hours go to the dead-letter queue. */
export class EventTrigger extends pulumi.ComponentResource {
  constructor(name: string, args: EventTriggerArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:EventTrigger", name, {}, options);
    const rule = new aws.cloudwatch.EventRule(
      `${name}-rule`,
      {
        name: args.ruleName,
        description: args.description,
        eventPattern: pulumi.jsonStringify(args.pattern),
      },
      { parent: this },
    );
    const permission = new aws.lambda.Permission(
      `${name}-permission`,
      {
        statementId: "InvokeByRule",
        action: "lambda:InvokeFunction",
        function: args.target.name,
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      { parent: this },
    );
    new aws.cloudwatch.EventTarget(
      `${name}-target`,
      {
        rule: rule.name,
        targetId: "function",
        arn: args.target.arn,
        retryPolicy: { maximumEventAgeInSeconds: 24 * 3600, maximumRetryAttempts: 60 },
        deadLetterConfig: { arn: args.deadLetters.arn },
      },
      { parent: this, dependsOn: [permission] },
    );
    this.registerOutputs({});
  }
}
