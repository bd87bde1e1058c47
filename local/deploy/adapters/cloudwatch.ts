import {
  type ComparisonOperator,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type Statistic,
} from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { jsonDocument, oneOf, pascal, textMap, texts } from "./shared";

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

async function putAlarm(context: AdapterContext, wanted: AlarmInputs) {
  const { clients, partition, region, accountId } = context;
  const name = wanted.name ?? context.automaticName;
  await clients.cloudwatch.send(new PutMetricAlarmCommand({ AlarmName: name, ...alarmDefinition(wanted) }));
  return { id: name, outputs: { name, arn: `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}` } };
}

const metricAlarm = defineAdapter({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  inputs: alarmInputs,
  replaceOn: ["name"],
  create: putAlarm,
  update: putAlarm,
  delete: async ({ clients }, { id }) => {
    await clients.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
  },
});

const dashboardInputs = z.strictObject({ dashboardName: z.string(), dashboardBody: jsonDocument });

async function putDashboard(
  { clients, partition, accountId }: AdapterContext,
  wanted: z.output<typeof dashboardInputs>,
) {
  const { DashboardValidationMessages = [] } = await clients.cloudwatch.send(new PutDashboardCommand(pascal(wanted)));
  const { dashboardName } = wanted;
  if (DashboardValidationMessages.length > 0) {
    const said = DashboardValidationMessages.map(({ DataPath, Message }) => `${DataPath}: ${Message}`).join("; ");
    throw new DeploymentError(`CloudWatch found faults in the dashboard ${dashboardName}: ${said}.`);
  }
  const dashboardArn = `arn:${partition}:cloudwatch::${accountId}:dashboard/${dashboardName}`;
  return { id: dashboardName, outputs: { dashboardArn } };
}

const dashboard = defineAdapter({
  type: "aws:cloudwatch/dashboard:Dashboard",
  inputs: dashboardInputs,
  replaceOn: ["dashboardName"],
  create: putDashboard,
  update: putDashboard,
  delete: async ({ clients }, { id }) => {
    await clients.cloudwatch.send(new DeleteDashboardsCommand({ DashboardNames: [id] }));
  },
});

export const cloudwatchAdapters = [metricAlarm, dashboard];
