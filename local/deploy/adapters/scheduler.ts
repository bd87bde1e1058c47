import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  type FlexibleTimeWindowMode,
  type ScheduleState,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { oneOf, pascal } from "./shared";

const inputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  scheduleExpression: z.string(),
  scheduleExpressionTimezone: z.string().optional(),
  state: oneOf<ScheduleState>().optional(),
  flexibleTimeWindow: z.strictObject({
    mode: oneOf<FlexibleTimeWindowMode>(),
    maximumWindowInMinutes: z.number().optional(),
  }),
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

const schedule = defineAdapter({
  type: "aws:scheduler/schedule:Schedule",
  inputs,
  replaceOn: ["name"],
  idOf: (context, { name }) => `default/${name ?? context.automaticName}`,
  create: async ({ clients, automaticName }, wanted) => {
    const Name = wanted.name ?? automaticName;
    const { ScheduleArn } = await clients.scheduler.send(new CreateScheduleCommand({ ...pascal(wanted), Name }));
    return { id: `default/${Name}`, outputs: { name: Name, groupName: "default", arn: ScheduleArn } };
  },
  // An update replaces everything, as the definition in the program does.
  update: async ({ clients }, wanted, previous) => {
    await clients.scheduler.send(new UpdateScheduleCommand({ ...pascal(wanted), Name: String(previous.outputs.name) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.scheduler.send(new DeleteScheduleCommand({ Name: previous.id.split("/")[1] }));
  },
});

export const schedulerAdapters = [schedule];
