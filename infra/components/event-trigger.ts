import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeadLetterTarget } from "../platform";
import type { NodeFunction } from "./node-function";

/** An API destination, and the role that may invoke it. */
export interface Dispatch {
  destinationArn: pulumi.Input<string>;
  roleArn: pulumi.Input<string>;
  headers: Readonly<Record<string, string>>;
}

/** A request to an API destination, made from an event. */
export interface DispatchTarget extends Dispatch {
  /** Names for values in the event, by their paths: `{ version: "$.detail.ModelPackageVersion" }`. */
  inputPaths: Readonly<Record<string, string>>;
  /** The request's body; `"<version>"` stands for the named value, which keeps its type. */
  body: object;
}

export interface EventTriggerArgs {
  ruleName: string;
  description: string;
  /** EventBridge event pattern. */
  pattern: pulumi.Input<Record<string, unknown>>;
  target: NodeFunction | DispatchTarget;
  deadLetters: DeadLetterTarget;
}

/** An EventBridge rule that invokes a Lambda or an API destination. Events that cannot be delivered go to the dead-letter queue. */
export class EventTrigger extends pulumi.ComponentResource {
  constructor(name: string, args: EventTriggerArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:EventTrigger", name, {}, options);
    const { target } = args;
    const rule = new aws.cloudwatch.EventRule(
      `${name}-rule`,
      {
        name: args.ruleName,
        description: args.description,
        eventPattern: pulumi.jsonStringify(args.pattern),
      },
      { parent: this },
    );
    const deliver = (to: Omit<aws.cloudwatch.EventTargetArgs, "rule">, hours: number, dependsOn: pulumi.Resource[]) =>
      new aws.cloudwatch.EventTarget(
        `${name}-target`,
        {
          rule: rule.name,
          ...to,
          retryPolicy: { maximumEventAgeInSeconds: hours * 3600, maximumRetryAttempts: 60 },
          deadLetterConfig: { arn: args.deadLetters.arn },
        },
        { parent: this, dependsOn },
      );
    if ("destinationArn" in target) {
      // After an hour a person had better know that a request does not get through.
      deliver(dispatchOf(target), 1, []);
    } else {
      const permission = new aws.lambda.Permission(
        `${name}-permission`,
        {
          statementId: "InvokeByRule",
          action: "lambda:InvokeFunction",
          function: target.name,
          principal: "events.amazonaws.com",
          sourceArn: rule.arn,
        },
        { parent: this },
      );
      deliver({ targetId: "function", arn: target.arn }, 24, [permission]);
    }
    this.registerOutputs({});
  }
}

function dispatchOf({ destinationArn, roleArn, headers, inputPaths, body }: DispatchTarget) {
  return {
    targetId: "dispatch",
    arn: destinationArn,
    roleArn,
    httpTarget: { headerParameters: headers },
    inputTransformer: {
      inputPaths,
      // EventBridge puts quotes around a string, and around nothing else, where a variable has none.
      inputTemplate: JSON.stringify(body).replaceAll(/"(<\w+>)"/g, "$1"),
    },
  };
}
