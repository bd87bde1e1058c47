import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { sendDeadLetters, startExecutions } from "../iam/services";
import * as names from "../names";
import type { DeadLetterTarget, Platform } from "../platform";
import { ServiceRole } from "./service-role";

export interface WorkflowScheduleArgs {
  platform: Pick<Platform, "config" | "place">;
  /** Name of the role, and prefix of the schedules' names. */
  name: string;
  description: string;
  machineArn: pulumi.Input<string>;
  timeZone: string;
  /** One schedule each: the suffix of its name, its schedule expression and the input of the executions that it starts. */
  times: readonly { suffix: string; expression: string; input: object }[];
  deadLetters: DeadLetterTarget;
}

/** Starts a workflow on one or more schedules. A start that fails for 3 hours goes to the dead-letter queue. */
export class WorkflowSchedule extends pulumi.ComponentResource {
  constructor(name: string, args: WorkflowScheduleArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:WorkflowSchedule", name, {}, options);
    const role = new ServiceRole(
      name,
      {
        roleName: args.name,
        service: "scheduler.amazonaws.com",
        accountId: args.platform.place.accountId,
        description: args.description,
        statements: [
          startExecutions(args.machineArn),
          ...sendDeadLetters(args.deadLetters.arn, args.deadLetters.keyArn),
        ],
      },
      { parent: this },
    );
    for (const time of args.times) {
      new aws.scheduler.Schedule(
        `${name}-${time.suffix}`,
        {
          name: names.schedule(`${args.name}-${time.suffix}`),
          description: args.description,
          scheduleExpression: time.expression,
          scheduleExpressionTimezone: args.timeZone,
          flexibleTimeWindow: { mode: "OFF" },
          state: args.platform.config.schedulesEnabled ? "ENABLED" : "DISABLED",
          target: {
            arn: args.machineArn,
            roleArn: role.arn,
            input: JSON.stringify(time.input),
            retryPolicy: { maximumEventAgeInSeconds: 3 * 3600, maximumRetryAttempts: 20 },
            deadLetterConfig: { arn: args.deadLetters.arn },
          },
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
