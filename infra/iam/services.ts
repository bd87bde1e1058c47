/** IAM statements for logs, traces, metrics, alerts, dead letters and workflow executions. */
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./statements";

/** Permission to write to a log group. */
export function writeLogs(logGroupArn: pulumi.Input<string>): Statement {
  return {
    sid: "WriteLogs",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [pulumi.interpolate`${logGroupArn}:*`],
  };
}

/** Permission to send X-Ray traces, which does not support resource-level permissions. */
export const writeTraces: Statement = {
  sid: "WriteTraces",
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  resources: ["*"],
};

/** Permission to put metrics. PutMetricData has no resource-level permissions, so a condition restricts the namespace. */
export function putMetrics(namespace: string): Statement {
  return {
    sid: "PutMetrics",
    actions: ["cloudwatch:PutMetricData"],
    resources: ["*"],
    conditions: { StringEquals: { "cloudwatch:namespace": namespace } },
  };
}

/** Permission to publish to the encrypted alert topic. */
export function publish(topicArn: pulumi.Input<string>, keyArn: pulumi.Input<string>): Statement[] {
  return [
    { sid: "PublishAlerts", actions: ["sns:Publish"], resources: [topicArn] },
    { sid: "EncryptAlerts", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] },
  ];
}

/** Permission to send to an encrypted dead-letter queue. */
export function sendDeadLetters(queueArn: pulumi.Input<string>, keyArn: pulumi.Input<string>): Statement[] {
  return [
    { sid: "SendDeadLetters", actions: ["sqs:SendMessage"], resources: [queueArn] },
    { sid: "EncryptDeadLetters", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] },
  ];
}

/** Permission to start executions of a state machine. */
export function startExecutions(machineArn: pulumi.Input<string>): Statement {
  return { sid: "StartExecutions", actions: ["states:StartExecution"], resources: [machineArn] };
}

/** Permission to list the executions of a state machine. */
export function listExecutions(machineArn: pulumi.Input<string>): Statement {
  return { sid: "ListExecutions", actions: ["states:ListExecutions"], resources: [machineArn] };
}
