import * as pulumi from "@pulumi/pulumi";
import { alarm } from "../../components/alarm";
import type { Graph } from "../../components/dashboard";
import { EventTrigger } from "../../components/event-trigger";
import { NodeFunction } from "../../components/node-function";
import { StateMachine } from "../../components/state-machine";
import { WorkflowSchedule } from "../../components/workflow-schedule";
import { listExecutions, publish, putMetrics, startExecutions } from "../../iam/services";
import type { Dataset } from "../../lake/dataset";
import { metricsNamespace } from "../../names";
import type { AsynchronousStageArgs } from "../../platform";
import { audienceOf } from "../../workflows/alerts";
import type { Endpoint } from "../serve/endpoint";
import { monitorGraphs } from "./graphs";
import { monitorWorkflow } from "./workflow";

export interface MonitorArgs extends AsynchronousStageArgs {
  endpoint: Endpoint;
  /** The run reports contain the baseline of the serving version. */
  reads: { captures: Dataset; runReports: Dataset };
  writes: { driftReports: Dataset };
  /** The run workflow, which a retraining starts. */
  run: { machine: StateMachine };
}

/** The monitor stage: compares the endpoint's captured requests with the model's baseline; drift alerts and retrains. */
export class Monitor extends pulumi.ComponentResource {
  readonly machine: StateMachine;
  readonly driftAlarmNames: string[];
  readonly functions: NodeFunction[];
  readonly graphs: Graph[];

  constructor(name: string, args: MonitorArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Monitor", name, {}, options);
    const drift = driftFunction(name, args, this);
    this.machine = monitorMachine(name, args, drift, this);
    this.driftAlarmNames = driftAlarms(name, args, this);
    this.functions = [drift, retrainOnDrift(name, args, this.driftAlarmNames, this)];
    this.graphs = monitorGraphs(args);
    this.registerOutputs({ machineArn: this.machine.arn });
  }
}

function driftFunction(name: string, args: MonitorArgs, parent: Monitor): NodeFunction {
  const { platform, pipeline, endpoint, reads, writes } = args;
  return new NodeFunction(
    `${name}-drift`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-monitor-drift`,
      handler: "monitor-drift",
      description: `${pipeline.spec.name}: measures drift`,
      spec: pipeline.spec,
      environment: { DAYBREAK_PIPELINE: pipeline.spec.name, ENDPOINT_NAME: endpoint.name },
      // The latest report records how far the captures have been read.
      reads: [...Object.values(reads), writes.driftReports],
      writes: Object.values(writes),
      statements: [endpoint.describe, putMetrics(metricsNamespace)],
      deadLetters: args.deadLetters,
      timeoutSeconds: 600,
      memoryMegabytes: 1024,
    },
    { parent },
  );
}

/** The monitor workflow and its schedule. */
function monitorMachine(name: string, args: MonitorArgs, drift: NodeFunction, parent: Monitor): StateMachine {
  const { platform, pipeline, deadLetters } = args;
  const machine = new StateMachine(
    name,
    {
      platform,
      machineName: pipeline.names.monitorMachine,
      workflow: monitorWorkflow({ audience: audienceOf(args), driftArn: drift.arn }),
    },
    { parent },
  );
  const hours = pipeline.spec.monitoring.every_hours;
  new WorkflowSchedule(
    `${name}-schedule`,
    {
      platform,
      name: `${pipeline.names.prefix}-drift`,
      description: `${pipeline.spec.name}: starts the drift checks`,
      machineArn: machine.arn,
      timeZone: "UTC",
      times: [{ suffix: "check", expression: `rate(${hours} ${hours === 1 ? "hour" : "hours"})`, input: {} }],
      deadLetters,
    },
    { parent },
  );
  return machine;
}

/** Each check puts its metrics once, so a single period at or above the threshold is drift; missing data is not. */
function driftAlarms(name: string, { platform, pipeline, writes }: MonitorArgs, parent: Monitor): string[] {
  const { monitoring } = pipeline.spec;
  const dimensions = { Environment: platform.place.environment, Pipeline: pipeline.spec.name };
  const common = {
    namespace: metricsNamespace,
    dimensions,
    statistic: "Maximum",
    periodSeconds: 60,
    topicArn: platform.alertTopicArn,
  };
  const latest = `${writes.driftReports.uri}/latest.json`;
  const features = `${pipeline.names.prefix}-drift-features`;
  alarm(
    `${name}-drift-features`,
    {
      ...common,
      alarmName: features,
      description: `${monitoring.drifted_features} or more features of ${pipeline.spec.name} have drifted (PSI of ${monitoring.feature_psi} or more). See ${latest} for the report.`,
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
      description: `The predictions of ${pipeline.spec.name} have drifted (PSI of ${monitoring.prediction_psi} or more). See ${latest} for the report.`,
      metric: "PredictionDrift",
      threshold: monitoring.prediction_psi,
    },
    { parent },
  );
  return [features, predictions];
}

/** Starts a training run when a drift alarm fires, unless the pipeline's cooldown or monthly limit prevents it. */
function retrainOnDrift(name: string, args: MonitorArgs, alarmNames: readonly string[], parent: Monitor): NodeFunction {
  const { platform, pipeline, deadLetters, run, writes } = args;
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
        RUN_STATE_MACHINE_ARN: run.machine.arn,
        ALERT_TOPIC_ARN: platform.alertTopicArn,
      },
      reads: [writes.driftReports],
      statements: [
        listExecutions(run.machine.arn),
        startExecutions(run.machine.arn),
        ...publish(platform.alertTopicArn, platform.messagesKeyArn),
      ],
      deadLetters,
      timeoutSeconds: 60,
      memoryMegabytes: 256,
    },
    { parent },
  );
  new EventTrigger(
    `${name}-drifted`,
    {
      ruleName: `${pipeline.names.prefix}-drifted`,
      description: `${pipeline.spec.name}: a drift alarm fired`,
      pattern: {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: { alarmName: [...alarmNames], state: { value: ["ALARM"] } },
      },
      target: retrain,
      deadLetters,
    },
    { parent },
  );
  return retrain;
}
