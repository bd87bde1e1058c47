import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { sendDeadLetters, startExecutions } from "../iam/services";
import * as names from "../names";
import type { DeadLetterTarget, Platform } from "../platform";
import { ServiceRole } from "./service-role";

export interface WorkflowScheduleArgs {
  platform: Pick<Platform, "config" | "place">;
  /** Physical name of the role, and what the schedules' names begin with. */
  name: string;
  description: string;
  machineArn: pulumi.Input<string>;
  timeZone: string;
  /** What distinguishes each schedule's name, when it fires, and what the execution is given. */
  times: readonly { suffix: string; expression: string; input: object }[];
  deadLetters: DeadLetterTarget;
}

/** Times at which a workflow is started; a start that fails is tried again, then becomes a dead letter. */
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
