import {
  type ActionAfterCompletion,
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  type FlexibleTimeWindowMode,
  type ScheduleState,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { tagList, tags } from "./shared";

const DEFAULT_GROUP = "default";

const scheduleInputs = z.strictObject({
  name: z.string().optional(),
  groupName: z.string().optional(),
  description: z.string().optional(),
  scheduleExpression: z.string(),
  scheduleExpressionTimezone: z.string().optional(),
  state: z.string().optional(),
  kmsKeyArn: z.string().optional(),
  actionAfterCompletion: z.string().optional(),
  flexibleTimeWindow: z.strictObject({ mode: z.string(), maximumWindowInMinutes: z.number().optional() }),
  target: z.strictObject({
    arn: z.string(),
    roleArn: z.string(),
    input: z.string().optional(),
    deadLetterConfig: z.strictObject({ arn: z.string() }).optional(),
    retryPolicy: z
      .strictObject({
        maximumEventAgeInSeconds: z.number().optional(),
        maximumRetryAttempts: z.number().optional(),
      })
      .optional(),
  }),
});

/** A schedule as the Scheduler API takes it, for creation and for update (which replaces everything). */
export function scheduleDefinition(wanted: z.output<typeof scheduleInputs>) {
  const { flexibleTimeWindow: window, target } = wanted;
  return {
    Description: wanted.description,
    ScheduleExpression: wanted.scheduleExpression,
    ScheduleExpressionTimezone: wanted.scheduleExpressionTimezone,
    State: wanted.state as ScheduleState | undefined,
    KmsKeyArn: wanted.kmsKeyArn,
    ActionAfterCompletion: wanted.actionAfterCompletion as ActionAfterCompletion | undefined,
    FlexibleTimeWindow: {
      Mode: window.mode as FlexibleTimeWindowMode,
      MaximumWindowInMinutes: window.maximumWindowInMinutes,
    },
    Target: {
      Arn: target.arn,
      RoleArn: target.roleArn,
      Input: target.input,
      DeadLetterConfig: target.deadLetterConfig && { Arn: target.deadLetterConfig.arn },
      RetryPolicy: target.retryPolicy && {
        MaximumEventAgeInSeconds: target.retryPolicy.maximumEventAgeInSeconds,
        MaximumRetryAttempts: target.retryPolicy.maximumRetryAttempts,
      },
    },
  };
}

const schedule = defineAdapter({
  type: "aws:scheduler/schedule:Schedule",
  inputs: scheduleInputs,
  replaceOn: ["name", "groupName"],
  idOf: (context, { groupName, name }) => `${groupName ?? DEFAULT_GROUP}/${name ?? context.automaticName}`,
  create: async ({ clients, automaticName }, wanted) => {
    const Name = wanted.name ?? automaticName;
    const GroupName = wanted.groupName ?? DEFAULT_GROUP;
    const definition = scheduleDefinition(wanted);
    const { ScheduleArn } = await clients.scheduler.send(new CreateScheduleCommand({ Name, GroupName, ...definition }));
    return { id: `${GroupName}/${Name}`, outputs: { name: Name, groupName: GroupName, arn: ScheduleArn } };
  },
  update: async ({ clients }, wanted, previous) => {
    const [GroupName, Name] = previous.id.split("/");
    await clients.scheduler.send(new UpdateScheduleCommand({ Name, GroupName, ...scheduleDefinition(wanted) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    const [GroupName, Name] = previous.id.split("/");
    await clients.scheduler.send(new DeleteScheduleCommand({ Name, GroupName }));
  },
});

const scheduleGroup = defineAdapter({
  type: "aws:scheduler/scheduleGroup:ScheduleGroup",
  inputs: z.strictObject({ name: z.string().optional(), tags }),
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async ({ clients, automaticName }, wanted) => {
    const Name = wanted.name ?? automaticName;
    const Tags = wanted.tags && tagList(wanted.tags);
    const { ScheduleGroupArn } = await clients.scheduler.send(new CreateScheduleGroupCommand({ Name, Tags }));
    return { id: Name, outputs: { name: Name, arn: ScheduleGroupArn, state: "ACTIVE" } };
  },
  delete: async ({ clients }, previous) => {
    await clients.scheduler.send(new DeleteScheduleGroupCommand({ Name: previous.id }));
  },
});

export const schedulerAdapters = [schedule, scheduleGroup];
