import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ResourceStatement, resourcePolicyDocument, tlsOnly } from "../iam/statements";
import type { DeadLetterTarget } from "../platform";
import { alarm, type Runbook } from "./alarm";

interface Sender {
  service: string;
  sourceArn: pulumi.Input<string> | pulumi.Input<string>[];
}

export interface DeadLettersArgs {
  queueName: string;
  keyArn: pulumi.Input<string>;
  /** Service principals that may send messages, each restricted to these sources. */
  senders: readonly Sender[];
  topicArn: pulumi.Input<string>;
  /** The alarm's description: what a message in this queue means and where to look. */
  description: string;
  runbook: Runbook;
}

const fourteenDays = 14 * 24 * 3600;

function sendStatement({ service, sourceArn }: Sender, queueArn: pulumi.Input<string>) {
  const statement: ResourceStatement = {
    sid: `Send${service.replace(/\W.*/, "")}`,
    effect: "Allow",
    principal: { service },
    actions: ["sqs:SendMessage"],
    resources: [queueArn],
    conditions: { ArnEquals: { "aws:SourceArn": sourceArn } },
  };
  return statement;
}

/** A dead-letter queue and an alarm that fires when it contains a message. */
export class DeadLetters extends pulumi.ComponentResource {
  readonly target: DeadLetterTarget;

  constructor(name: string, args: DeadLettersArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:DeadLetters", name, {}, options);
    const queue = new aws.sqs.Queue(
      `${name}-queue`,
      { name: args.queueName, kmsMasterKeyId: args.keyArn, messageRetentionSeconds: fourteenDays },
      { parent: this },
    );
    const policy = new aws.sqs.QueuePolicy(
      `${name}-policy`,
      {
        queueUrl: queue.id,
        policy: resourcePolicyDocument([
          ...args.senders.map((sender) => sendStatement(sender, queue.arn)),
          tlsOnly("sqs", ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"], [queue.arn]),
        ]),
      },
      { parent: this },
    );
    alarm(
      `${name}-depth`,
      {
        alarmName: args.queueName,
        description: args.description,
        runbook: args.runbook,
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: args.queueName },
        statistic: "Maximum",
        threshold: 1,
        periodSeconds: 300,
        topicArn: args.topicArn,
      },
      { parent: this },
    );
    const arn = pulumi.all([queue.arn, policy.id]).apply(([queueArn]) => queueArn);
    this.target = { arn, keyArn: args.keyArn };
    this.registerOutputs({ arn });
  }
}
