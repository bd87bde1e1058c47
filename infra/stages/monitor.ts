import * as pulumi from "@pulumi/pulumi";
import { alarm } from "../components/alarm";
import { EventTrigger } from "../components/event-trigger";
import { NodeFunction } from "../components/node-function";
import { StateMachine } from "../components/state-machine";
import { WorkflowSchedule } from "../components/workflow-schedule";
import { readServing } from "../iam/sagemaker";
import { listExecutions, publish, putMetrics, startExecutions } from "../iam/services";
import { decrypt, listFolders, putObjects, readObjects, useKey } from "../iam/storage";
import { metricsNamespace, zoneFolder } from "../names";
import type { StageArgs } from "../platform";
import { monitoringWorkflow } from "../workflows/monitoring";
import { audienceOf } from "./audience";
import type { Lake } from "./lake";
import type { Run } from "./run";

export interface MonitorArgs extends StageArgs {
  lake: Lake;
  run: Run;
}

/** Compares what the endpoint is asked with what its model learned from; where they part, tells people and retrains. */
export class Monitor extends pulumi.ComponentResource {
  readonly machineArn: pulumi.Output<string>;
  readonly driftAlarmNames: string[];

  constructor(name: string, args: MonitorArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Monitor", name, {}, options);
    const machine = checkMachine(name, args, this);
    this.machineArn = machine.arn;
    this.driftAlarmNames = driftAlarms(name, args, this);
    retrainOnDrift(name, args, this.driftAlarmNames, this);
    this.registerOutputs({ machineArn: this.machineArn });
  }
}

/** The check, and when it takes place. */
function checkMachine(name: string, args: MonitorArgs, parent: Monitor): StateMachine {
  const { platform, pipeline, lake } = args;
  const [captures, reports] = [zoneFolder("capture", pipeline.spec.name), zoneFolder("reports", pipeline.spec.name)];
  const drift = new NodeFunction(
    `${name}-drift`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-monitor-drift`,
      handler: "monitor-drift",
      description: `${pipeline.spec.name}: measures drift`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        LAKE_BUCKET: platform.lake.name,
        ENDPOINT_NAME: pipeline.names.endpoint,
      },
      statements: [
        readServing(pipeline.names),
        readObjects("Captures", platform.lake.arn, [`${captures}*`, `${reports}*`]),
        listFolders("Captures", platform.lake.arn, [captures, reports]),
        putObjects("Result", platform.lake.arn, [`${reports}drift/*`]),
        useKey("Data", platform.dataKeyArn),
        putMetrics(metricsNamespace),
      ],
      deadLetters: lake.deadLetters,
      timeoutSeconds: 600,
      memoryMegabytes: 1024,
    },
    { parent },
  );
  const machine = new StateMachine(
    name,
    {
      platform,
      machineName: pipeline.names.monitoringMachine,
      workflow: monitoringWorkflow({ audience: audienceOf(args), driftArn: drift.arn }),
    },
    { parent },
  );
  const hours = pipeline.spec.monitoring.every_hours;
  new WorkflowSchedule(
    `${name}-schedule`,
    {
      platform,
      name: `${pipeline.names.prefix}-drift`,
      description: `${pipeline.spec.name}: the drift checks`,
      machineArn: machine.arn,
      timeZone: "UTC",
      times: [{ suffix: "check", expression: `rate(${hours} ${hours === 1 ? "hour" : "hours"})`, input: {} }],
      deadLetters: lake.deadLetters,
    },
    { parent },
  );
  return machine;
}

/** A check writes its figures once, so one period above the limit is drift; no data is no drift. */
function driftAlarms(name: string, { platform, pipeline }: MonitorArgs, parent: Monitor): string[] {
  const { monitoring } = pipeline.spec;
  const dimensions = { Environment: platform.place.environment, Pipeline: pipeline.spec.name };
  const common = {
    namespace: metricsNamespace,
    dimensions,
    statistic: "Maximum",
    periodSeconds: 60,
    topicArn: platform.alertsTopicArn,
  };
  const latest = `s3://${platform.lake.name}/${zoneFolder("reports", pipeline.spec.name)}drift/latest.json`;
  const features = `${pipeline.names.prefix}-drift-features`;
  alarm(
    `${name}-drift-features`,
    {
      ...common,
      alarmName: features,
      description: `${monitoring.drifted_features} or more features of ${pipeline.spec.name} drifted (PSI ${monitoring.feature_psi} and above): ${latest}`,
      metric: "DriftedFeatures",
      threshold: monitoring.drifted_features,
    },
    { parent },
  );
  const predictions = `${pipeline.names.prefix}-drift-predictions`;
  alarm(
    `${name}-drift-predictions`,
    {
      ...common,
      alarmName: predictions,
      description: `The predictions of ${pipeline.spec.name} drifted (PSI ${monitoring.prediction_psi} and above): ${latest}`,
      metric: "PredictionDrift",
      threshold: monitoring.prediction_psi,
    },
    { parent },
  );
  return [features, predictions];
}

/** An alarm that goes off starts a training run, unless the pipeline's cooldown or monthly limit says no. */
function retrainOnDrift(name: string, args: MonitorArgs, alarmNames: readonly string[], parent: Monitor): void {
  const { platform, pipeline, lake, run } = args;
  const latest = `${zoneFolder("reports", pipeline.spec.name)}drift/`;
  const retrain = new NodeFunction(
    `${name}-retrain`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-monitor-retrain`,
      handler: "monitor-retrain",
      description: `${pipeline.spec.name}: starts a training run after drift`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        LAKE_BUCKET: platform.lake.name,
        PIPELINE_STATE_MACHINE_ARN: run.machineArn,
        ALERTS_TOPIC_ARN: platform.alertsTopicArn,
      },
      statements: [
        readObjects("Check", platform.lake.arn, [`${latest}latest.json`]),
        listFolders("Checks", platform.lake.arn, [latest]),
        decrypt("Data", platform.dataKeyArn),
        listExecutions(run.machineArn),
        startExecutions(run.machineArn),
        ...publish(platform.alertsTopicArn, platform.messagesKeyArn),
      ],
      deadLetters: lake.deadLetters,
      timeoutSeconds: 60,
      memoryMegabytes: 256,
    },
    { parent },
  );
  new EventTrigger(
    `${name}-drifted`,
    {
      ruleName: `${pipeline.names.prefix}-drifted`,
      description: `${pipeline.spec.name}: a drift alarm went off`,
      pattern: {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: { alarmName: [...alarmNames], state: { value: ["ALARM"] } },
      },
      target: retrain,
      deadLetters: lake.deadLetters,
    },
    { parent },
  );
}
