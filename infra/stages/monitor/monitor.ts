import * as pulumi from "@pulumi/pulumi";
import type { Graph } from "../../components/dashboard";
import { EventTrigger } from "../../components/event-trigger";
import { GlueJob, type GlueJobArgs } from "../../components/glue-job";
import type { JobRuntime } from "../../components/job-runtime";
import { NodeFunction } from "../../components/node-function";
import { StateMachine } from "../../components/state-machine";
import { WorkflowSchedule } from "../../components/workflow-schedule";
import { listExecutions, publish, putMetrics, startExecutions } from "../../iam/services";
import type { Dataset, TableDataset } from "../../lake/dataset";
import { metricsNamespace, stateMachineArn, variantName } from "../../names";
import type { AsynchronousStageArgs } from "../../platform";
import { audienceOf } from "../../workflows/alerts";
import type { Endpoint } from "../serve/endpoint";
import { driftAlarms, qualityAlarm, servingAlarm, skippedAlarm } from "./alarms";
import { monitorGraphs } from "./graphs";
import { type MonitorWorkflowArgs, monitorWorkflow } from "./workflow";

export interface MonitorArgs extends AsynchronousStageArgs {
  endpoint: Endpoint;
  runtime: JobRuntime;
  /** The score reports contain the drift of each scored day; the run reports the evaluation of each version. */
  reads: {
    scoreReports: Dataset;
    scores: TableDataset;
    events: TableDataset;
    runReports: Dataset;
    captures: Dataset;
    features: TableDataset;
  };
  writes: { driftReports: Dataset; outcomes: TableDataset; modelQuality: Dataset; servingReports: Dataset };
  /** The run workflow, which a retraining starts. */
  run: { machine: StateMachine };
}

/**
 * The monitor stage: did the customers change (drift of each scored day), and is the model still right (scores joined with what
 * happened)? Drift and a broken promise of quality alert and retrain.
 */
export class Monitor extends pulumi.ComponentResource {
  readonly machine: StateMachine;
  readonly driftAlarmNames: string[];
  readonly qualityAlarmName: string;
  readonly servingAlarmName: string;
  readonly functions: NodeFunction[];
  readonly graphs: Graph[];

  constructor(name: string, args: MonitorArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Monitor", name, {}, options);
    const drift = driftFunction(name, args, this);
    const plan = planFunction(name, args, this);
    const checksJob = new GlueJob(`${name}-checks`, checksJobArgs(args), { parent: this });
    this.machine = monitorMachine(name, args, { driftArn: drift.arn, planArn: plan.arn, checksJob }, this);
    this.driftAlarmNames = driftAlarms(name, args, args.writes.driftReports, this);
    this.qualityAlarmName = qualityAlarm(name, args, args.writes.modelQuality, this);
    this.servingAlarmName = servingAlarm(name, args, args.writes.servingReports, this);
    skippedAlarm(name, args, this);
    const retrain = retrainOnAlarm(name, args, [...this.driftAlarmNames, this.qualityAlarmName], this);
    this.functions = [drift, plan, retrain];
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
      reads: [reads.scoreReports, writes.driftReports],
      writes: [writes.driftReports],
      statements: [...endpoint.describe, putMetrics(metricsNamespace)],
      deadLetters: args.deadLetters,
      timeoutSeconds: 120,
      memoryMegabytes: 512,
    },
    { parent },
  );
}

/** The Lambda that finds what the monitor job has to check. */
function planFunction(name: string, args: MonitorArgs, parent: Monitor): NodeFunction {
  const { platform, pipeline, endpoint, reads, writes } = args;
  const judged = writes.modelQuality.only("latest.json", "days/*");
  return new NodeFunction(
    `${name}-plan`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-monitor-plan`,
      handler: "monitor-plan",
      description: `${pipeline.spec.name}: finds captured requests, and scored days whose labels have become known`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        ENDPOINT_NAME: endpoint.name,
        VARIANT_NAME: variantName,
        // SageMaker adds the endpoint and the variant to the destination. The Lambda lists the captures and reads none.
        CAPTURE_FOLDER: `${reads.captures.uri}/${endpoint.name}/${variantName}`,
      },
      reads: [
        ...[reads.scoreReports, reads.runReports.only("*/plan.json"), judged],
        writes.servingReports.only("latest.json"),
      ],
      statements: [reads.captures.list],
      deadLetters: args.deadLetters,
      timeoutSeconds: 120,
      memoryMegabytes: 256,
    },
    { parent },
  );
}

/** The Glue job of the checks that need the lake's tables. */
function checksJobArgs({ platform, pipeline, runtime, reads, writes }: MonitorArgs): GlueJobArgs {
  return {
    platform,
    pipeline,
    runtime,
    stage: "monitor",
    suffix: "monitor-checks",
    isStep: false,
    description: `${pipeline.spec.name}: compares captured requests with what is stored, and scores with what happened`,
    // The latest serving report says where the last check stopped.
    reads: [reads.scores, reads.events, reads.captures, reads.features, writes.servingReports],
    writes: [writes.outcomes, writes.modelQuality, writes.servingReports],
    // The plan has the URIs of the evaluations.
    statements: [...reads.runReports.only("*/evaluation/evaluation.json").read, putMetrics(metricsNamespace)],
    pythonArchives: [runtime.code.measuringModules],
    jobArguments: {
      "--spec": runtime.specUri,
      "--environment": platform.place.environment,
      "--namespace": metricsNamespace,
    },
    timeoutMinutes: 120,
  };
}

/** The monitor workflow and its schedule. */
function monitorMachine(
  name: string,
  args: MonitorArgs,
  checks: Omit<MonitorWorkflowArgs, "audience" | "turn">,
  parent: Monitor,
): StateMachine {
  const { platform, pipeline, deadLetters } = args;
  const machine = new StateMachine(
    name,
    {
      platform,
      machineName: pipeline.names.monitorMachine,
      workflow: monitorWorkflow({
        audience: audienceOf(args),
        ...checks,
        turn: {
          machineArn: stateMachineArn(platform.place, pipeline.names.monitorMachine),
          pollSeconds: platform.config.deploymentPollSeconds,
        },
      }),
    },
    { parent },
  );
  const hours = pipeline.spec.monitoring.every_hours;
  new WorkflowSchedule(
    `${name}-schedule`,
    {
      platform,
      name: `${pipeline.names.prefix}-check`,
      description: `${pipeline.spec.name}: starts the checks`,
      machineArn: machine.arn,
      timeZone: "UTC",
      times: [{ suffix: "regular", expression: `rate(${hours} ${hours === 1 ? "hour" : "hours"})`, input: {} }],
      deadLetters,
    },
    { parent },
  );
  return machine;
}

/** Starts a training run when an alarm of drift or quality fires, unless the cooldown or the monthly limit prevents it. */
function retrainOnAlarm(name: string, args: MonitorArgs, alarmNames: readonly string[], parent: Monitor): NodeFunction {
  const { platform, pipeline, deadLetters, run, writes } = args;
  const retrain = new NodeFunction(
    `${name}-retrain`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-monitor-retrain`,
      handler: "monitor-retrain",
      description: `${pipeline.spec.name}: starts a training run after an alarm`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        RUN_STATE_MACHINE_ARN: run.machine.arn,
        ALERT_TOPIC_ARN: platform.alertTopicArn,
        QUALITY_ALARM_NAME: parent.qualityAlarmName,
      },
      reads: [writes.driftReports, writes.modelQuality.only("latest.json")],
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
      ruleName: pipeline.names.rules.drifted,
      description: `${pipeline.spec.name}: an alarm of drift or quality fired`,
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
