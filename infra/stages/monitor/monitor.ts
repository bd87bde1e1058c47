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
  /** The score reports contain the drift of each scored day. */
  reads: { scoreReports: Dataset };
  writes: { driftReports: Dataset };
  /** The run workflow, which a retraining starts. */
  run: { machine: StateMachine };
}

/** The monitor stage: watches the drift of each scored day; drift alerts and retrains. */
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
      description: `${pipeline.spec.name}: takes the drift of a scored day to the metrics`,
      spec: pipeline.spec,
      environment: { DAYBREAK_PIPELINE: pipeline.spec.name, ENDPOINT_NAME: endpoint.name },
      // The latest report names the newest run that was checked.
      reads: [...Object.values(reads), writes.driftReports],
      writes: Object.values(writes),
      statements: [endpoint.describe, putMetrics(metricsNamespace)],
      deadLetters: args.deadLetters,
      timeoutSeconds: 120,
      memoryMegabytes: 512,
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

/** Each check puts its metrics once, so a single period with a strength of 1 or more is drift; missing data is not. */
function driftAlarms(name: string, { platform, pipeline, writes }: MonitorArgs, parent: Monitor): string[] {
  const latest = `${writes.driftReports.uri}/latest.json`;
  const declare = (suffix: string, metric: string, what: string) => {
    const alarmName = `${pipeline.names.prefix}-drift-${suffix}`;
    alarm(
      `${name}-drift-${suffix}`,
      {
        alarmName,
        description: `${what} of ${pipeline.spec.name} have drifted: the day's rows differ from the evaluation rows of the serving version by more than chance. See ${latest} for the report.`,
        namespace: metricsNamespace,
        metric,
        dimensions: { Environment: platform.place.environment, Pipeline: pipeline.spec.name },
        statistic: "Maximum",
        periodSeconds: 60,
        threshold: 1,
        topicArn: platform.alertTopicArn,
      },
      { parent },
    );
    return alarmName;
  };
  return [declare("features", "FeatureDrift", "Features"), declare("scores", "ScoreDrift", "The scores")];
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
      writes: [writes.driftReports.only("retraining.json")],
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
