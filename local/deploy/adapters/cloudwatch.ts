import {
  type ComparisonOperator,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  type MetricDataQuery,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type StandardUnit,
  type Statistic,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { jsonDocument, removedTags, tagList, tags, textMap, texts } from "./shared";

const metricQuery = z.strictObject({
  id: z.string(),
  accountId: z.string().optional(),
  expression: z.string().optional(),
  label: z.string().optional(),
  period: z.number().optional(),
  returnData: z.boolean().optional(),
  metric: z
    .strictObject({
      metricName: z.string(),
      namespace: z.string().optional(),
      dimensions: textMap.optional(),
      period: z.number(),
      stat: z.string(),
      unit: z.string().optional(),
    })
    .optional(),
});

const alarmInputs = z.strictObject({
  name: z.string().optional(),
  alarmDescription: z.string().optional(),
  actionsEnabled: z.boolean().optional(),
  alarmActions: texts.optional(),
  okActions: texts.optional(),
  insufficientDataActions: texts.optional(),
  comparisonOperator: z.string(),
  threshold: z.number().optional(),
  evaluationPeriods: z.number(),
  datapointsToAlarm: z.number().optional(),
  metricName: z.string().optional(),
  namespace: z.string().optional(),
  dimensions: textMap.optional(),
  period: z.number().optional(),
  statistic: z.string().optional(),
  extendedStatistic: z.string().optional(),
  metricQueries: z.array(metricQuery).optional(),
  thresholdMetricId: z.string().optional(),
  treatMissingData: z.string().optional(),
  evaluateLowSampleCountPercentiles: z.string().optional(),
  unit: z.string().optional(),
  tags,
});
type AlarmInputs = z.output<typeof alarmInputs>;

function dimensionList(map: Record<string, string> | undefined) {
  return map && Object.entries(map).map(([Name, Value]) => ({ Name, Value }));
}

function toQuery({ metric, ...query }: z.output<typeof metricQuery>): MetricDataQuery {
  return {
    Id: query.id,
    AccountId: query.accountId,
    Expression: query.expression,
    Label: query.label,
    Period: query.period,
    ReturnData: query.returnData ?? false,
    MetricStat: metric && {
      Metric: {
        MetricName: metric.metricName,
        Namespace: metric.namespace,
        Dimensions: dimensionList(metric.dimensions),
      },
      Period: metric.period,
      Stat: metric.stat,
      Unit: metric.unit as StandardUnit | undefined,
    },
  };
}

/** An alarm as the CloudWatch API takes it. */
export function alarmDefinition(wanted: AlarmInputs) {
  return {
    AlarmDescription: wanted.alarmDescription,
    ActionsEnabled: wanted.actionsEnabled ?? true,
    AlarmActions: wanted.alarmActions,
    OKActions: wanted.okActions,
    InsufficientDataActions: wanted.insufficientDataActions,
    ComparisonOperator: wanted.comparisonOperator as ComparisonOperator,
    Threshold: wanted.threshold,
    EvaluationPeriods: wanted.evaluationPeriods,
    DatapointsToAlarm: wanted.datapointsToAlarm,
    MetricName: wanted.metricName,
    Namespace: wanted.namespace,
    Dimensions: dimensionList(wanted.dimensions),
    Period: wanted.period,
    Statistic: wanted.statistic as Statistic | undefined,
    ExtendedStatistic: wanted.extendedStatistic,
    Metrics: wanted.metricQueries?.map(toQuery),
    ThresholdMetricId: wanted.thresholdMetricId,
    TreatMissingData: wanted.treatMissingData ?? "missing",
    EvaluateLowSampleCountPercentile: wanted.evaluateLowSampleCountPercentiles,
    Unit: wanted.unit as StandardUnit | undefined,
  };
}

async function putAlarm({ clients, partition, region, accountId }: AdapterContext, wanted: AlarmInputs, name: string) {
  await clients.cloudwatch.send(new PutMetricAlarmCommand({ AlarmName: name, ...alarmDefinition(wanted) }));
  return { id: name, outputs: { name, arn: `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}` } };
}

async function retag({ clients }: AdapterContext, ResourceARN: string, before: unknown, after: AlarmInputs["tags"]) {
  const TagKeys = removedTags(before, after);
  if (TagKeys.length > 0) await clients.cloudwatch.send(new UntagResourceCommand({ ResourceARN, TagKeys }));
  if (after) await clients.cloudwatch.send(new TagResourceCommand({ ResourceARN, Tags: tagList(after) }));
}

const metricAlarm = defineAdapter({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  inputs: alarmInputs,
  replaceOn: ["name"],
  create: async (context, wanted) => {
    const made = await putAlarm(context, wanted, wanted.name ?? context.automaticName);
    await retag(context, made.outputs.arn, undefined, wanted.tags);
    return made;
  },
  update: async (context, wanted, previous) => {
    const made = await putAlarm(context, wanted, previous.id);
    await retag(context, made.outputs.arn, previous.inputs.tags, wanted.tags);
    return made;
  },
  delete: async ({ clients }, previous) => {
    await clients.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [previous.id] }));
  },
});

const dashboardInputs = z.strictObject({ dashboardName: z.string(), dashboardBody: jsonDocument });

async function putDashboard(
  { clients, partition, accountId }: AdapterContext,
  { dashboardName, dashboardBody }: z.output<typeof dashboardInputs>,
) {
  const put = new PutDashboardCommand({ DashboardName: dashboardName, DashboardBody: dashboardBody });
  const { DashboardValidationMessages = [] } = await clients.cloudwatch.send(put);
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
  delete: async ({ clients }, previous) => {
    await clients.cloudwatch.send(new DeleteDashboardsCommand({ DashboardNames: [previous.id] }));
  },
});

export const cloudwatchAdapters = [metricAlarm, dashboard];
