/** What it takes to log, trace, measure, alert and start a workflow. */
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./statements";

/** Write to the log streams of one group. */
export function writeLogs(logGroupArn: pulumi.Input<string>): Statement {
  return {
    sid: "WriteLogs",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [pulumi.interpolate`${logGroupArn}:*`],
  };
}

/** Send traces; X-Ray has no resources to name. */
export const writeTraces: Statement = {
  sid: "WriteTraces",
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  resources: ["*"],
};

/** Put metrics into one namespace; CloudWatch has no resource to name, the condition is what binds. */
export function putMetrics(namespace: string): Statement {
  return {
    sid: "PutMetrics",
    actions: ["cloudwatch:PutMetricData"],
    resources: ["*"],
    conditions: { StringEquals: { "cloudwatch:namespace": namespace } },
  };
}

/** Publish to an encrypted topic, or send to an encrypted queue: the message and the key that encrypts it. */
export function publish(topicArn: pulumi.Input<string>, keyArn: pulumi.Input<string>): Statement[] {
  return [
    { sid: "PublishAlerts", actions: ["sns:Publish"], resources: [topicArn] },
    { sid: "EncryptAlerts", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] },
  ];
}

/** Put what failed for good into a dead letter queue. */
export function sendDeadLetters(queueArn: pulumi.Input<string>, keyArn: pulumi.Input<string>): Statement[] {
  return [
    { sid: "SendDeadLetters", actions: ["sqs:SendMessage"], resources: [queueArn] },
    { sid: "EncryptDeadLetters", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] },
  ];
}

/** Start executions of one state machine. */
export function startExecutions(machineArn: pulumi.Input<string>): Statement {
  return { sid: "StartExecutions", actions: ["states:StartExecution"], resources: [machineArn] };
}

/** List the executions of one state machine. */
export function listExecutions(machineArn: pulumi.Input<string>): Statement {
  return { sid: "ListExecutions", actions: ["states:ListExecutions"], resources: [machineArn] };
}
