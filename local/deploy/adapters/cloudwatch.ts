import type { ComparisonOperator, Statistic } from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { arnOf, jsonDocument, oneOf, pascal, textMap, texts } from "./shared";

const alarmInputs = z.strictObject({
  name: z.string().optional(),
  alarmDescription: z.string().optional(),
  actionsEnabled: z.boolean().default(true),
  alarmActions: texts.optional(),
  okActions: texts.optional(),
  comparisonOperator: oneOf<ComparisonOperator>(),
  threshold: z.number().optional(),
  evaluationPeriods: z.number(),
  datapointsToAlarm: z.number().optional(),
  metricName: z.string().optional(),
  namespace: z.string().optional(),
  dimensions: textMap.optional(),
  period: z.number().optional(),
  statistic: oneOf<Statistic>().optional(),
  extendedStatistic: z.string().optional(),
  treatMissingData: z.string().default("missing"),
});
type AlarmInputs = z.output<typeof alarmInputs>;

/** An alarm as the CloudWatch API takes it. */
export function alarmDefinition({ name, okActions, dimensions, ...wanted }: AlarmInputs) {
  return {
    ...pascal(wanted),
    OKActions: okActions,
    Dimensions: dimensions && Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  };
}

const metricAlarm = defineAdapter({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  inputs: alarmInputs,
  nameInput: "name",
  put: async (context, wanted) => {
    const { name } = wanted;
    await context.clients.cloudwatch.putMetricAlarm({ AlarmName: name, ...alarmDefinition(wanted) });
    return { id: name, outputs: { name, arn: arnOf(context, "cloudwatch", `alarm:${name}`) } };
  },
  delete: ({ clients }, { id }) => clients.cloudwatch.deleteAlarms({ AlarmNames: [id] }),
});

const compositeAlarm = defineAdapter({
  type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  inputs: z.strictObject({
    alarmName: z.string(),
    alarmDescription: z.string().optional(),
    alarmRule: z.string(),
    alarmActions: texts.optional(),
  }),
  nameInput: "alarmName",
  put: async (context, wanted) => {
    const { alarmName: name } = wanted;
    await context.clients.cloudwatch.putCompositeAlarm(pascal(wanted));
    return { id: name, outputs: { arn: arnOf(context, "cloudwatch", `alarm:${name}`) } };
  },
  delete: ({ clients }, { id }) => clients.cloudwatch.deleteAlarms({ AlarmNames: [id] }),
});

const dashboard = defineAdapter({
  type: "aws:cloudwatch/dashboard:Dashboard",
  inputs: z.strictObject({ dashboardName: z.string(), dashboardBody: jsonDocument }),
  nameInput: "dashboardName",
  put: async ({ clients, partition, accountId }, wanted) => {
    const { DashboardValidationMessages: faults = [] } = await clients.cloudwatch.putDashboard(pascal(wanted));
    const { dashboardName: name } = wanted;
    if (faults.length > 0) {
      const said = faults.map(({ DataPath, Message }) => `${DataPath}: ${Message}`).join("; ");
      throw new DeploymentError(`CloudWatch rejected the dashboard ${name}: ${said}.`);
    }
    return { id: name, outputs: { dashboardArn: `arn:${partition}:cloudwatch::${accountId}:dashboard/${name}` } };
  },
  delete: ({ clients }, { id }) => clients.cloudwatch.deleteDashboards({ DashboardNames: [id] }),
});

export const cloudwatchAdapters = [metricAlarm, compositeAlarm, dashboard];
