import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { writeTraces } from "../iam/services";
import type { Statement } from "../iam/statements";
import type { Platform } from "../platform";
import { checkWorkflow } from "../workflows/check";
import { definition } from "../workflows/definition";
import { permissions } from "../workflows/permissions";
import type { Workflow } from "../workflows/states";
import { alarm } from "./alarm";
import { logGroup } from "./log-group";
import { ServiceRole } from "./service-role";

export interface StateMachineArgs {
  platform: Pick<Platform, "config" | "place" | "dataKeyArn" | "alertTopicArn">;
  machineName: string;
  workflow: Workflow;
}

/** Step Functions logs through CloudWatch's log delivery API, which does not support resource-level permissions. */
const deliverLogs: Statement = {
  sid: "DeliverLogs",
  actions: [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
  ],
  resources: ["*"],
};

const sampleTraces: Statement = {
  sid: "SampleTraces",
  actions: ["xray:GetSamplingRules", "xray:GetSamplingTargets"],
  resources: ["*"],
};

/** Deploys a workflow as a state machine. Its role has exactly the grants of its states; failures and timeouts raise alarms. */
export class StateMachine extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: StateMachineArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:StateMachine", name, {}, options);
    const { platform, machineName, workflow } = args;
    checkWorkflow(machineName, workflow);
    // Groups below /aws/vendedlogs/ need no entry of their own in the size-limited CloudWatch Logs resource policy.
    const logs = logGroup(`${name}-logs`, `/aws/vendedlogs/states/${machineName}`, platform, { parent: this });
    const role = new ServiceRole(
      name,
      {
        roleName: machineName,
        service: "states.amazonaws.com",
        accountId: platform.place.accountId,
        description: workflow.comment,
        statements: [...permissions(workflow), deliverLogs, writeTraces, sampleTraces],
      },
      { parent: this },
    );
    const machine = new aws.sfn.StateMachine(
      `${name}-machine`,
      {
        name: machineName,
        roleArn: role.arn,
        definition: pulumi.jsonStringify(definition(workflow)),
        loggingConfiguration: {
          level: "ERROR",
          includeExecutionData: true,
          logDestination: pulumi.interpolate`${logs.arn}:*`,
        },
        tracingConfiguration: { enabled: true },
      },
      { parent: this },
    );
    this.arn = machine.arn;
    for (const [metric, what] of [
      ["ExecutionsFailed", "failed"],
      ["ExecutionsTimedOut", "timed-out"],
    ] as const) {
      alarm(
        `${name}-${what}`,
        {
          alarmName: `${machineName}-${what}`,
          description: `An execution of the state machine ${machineName} ${what.replace("-", " ")}. See its execution history for the step and the cause.`,
          runbook: `workflow-${what}`,
          namespace: "AWS/States",
          metric,
          dimensions: { StateMachineArn: machine.arn },
          statistic: "Sum",
          threshold: 1,
          periodSeconds: 300,
          topicArn: platform.alertTopicArn,
        },
        { parent: this },
      );
    }
    this.registerOutputs({ arn: this.arn });
  }
}
