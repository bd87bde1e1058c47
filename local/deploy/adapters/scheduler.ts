import type { FlexibleTimeWindowMode, ScheduleState } from "@aws-sdk/client-scheduler";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { deliveryInputs, oneOf, pascal } from "./shared";

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
    ...deliveryInputs,
  }),
});

const schedule = defineAdapter({
  type: "aws:scheduler/schedule:Schedule",
  inputs,
  nameInput: "name",
  idOf: (_, { name }) => `default/${name}`,
  create: async ({ clients }, wanted) => {
    const { ScheduleArn } = await clients.scheduler.createSchedule(pascal(wanted));
    const { name } = wanted;
    return { id: `default/${name}`, outputs: { name, groupName: "default", arn: ScheduleArn } };
  },
  // An update replaces the whole definition.
  update: ({ clients }, wanted) => clients.scheduler.updateSchedule(pascal(wanted)),
  delete: ({ clients }, previous) => clients.scheduler.deleteSchedule({ Name: previous.id.split("/")[1] }),
});

export const schedulerAdapters = [schedule];
