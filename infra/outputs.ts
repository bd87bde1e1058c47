/** What the stack gives to those who use it: the command line, the demo, other stacks. */
import type * as pulumi from "@pulumi/pulumi";
import type { Pipeline } from "./platform";
import type { Features } from "./stages/features";
import type { Ingest } from "./stages/ingest";
import type { Lake } from "./stages/lake";
import type { Monitor } from "./stages/monitor";
import type { Overview } from "./stages/overview";
import type { Registry } from "./stages/registry";
import type { Run } from "./stages/run";
import type { Serve } from "./stages/serve";

/** Of one pipeline. */
export interface PipelineOutputs {
  streamName: pulumi.Output<string>;
  database: pulumi.Output<string>;
  featureGroup: pulumi.Output<string>;
  modelPackageGroup: pulumi.Output<string>;
  /** The endpoint comes with the first approved version. */
  endpointName: string;
  pipelineStateMachineArn: pulumi.Output<string>;
  deploymentStateMachineArn: pulumi.Output<string>;
  monitoringStateMachineArn: pulumi.Output<string>;
  predictFunctionName: pulumi.Output<string>;
  predictUrl: pulumi.Output<string>;
  driftAlarmNames: string[];
  dashboardName: string;
}

/** Of the stack. */
export interface StackOutputs {
  lakeBucket: pulumi.Output<string>;
  codeBucket: pulumi.Output<string>;
  alertsTopicArn: pulumi.Output<string>;
  slackSecretArn: pulumi.Output<string>;
  pipelines: Record<string, PipelineOutputs>;
}

interface Stages {
  ingest: Ingest;
  lake: Lake;
  features: Features;
  registry: Registry;
  run: Run;
  serve: Serve;
  monitor: Monitor;
  overview: Overview;
}

/** Gathers a pipeline's outputs from its stages. */
export function pipelineOutputs({ names }: Pipeline, stages: Stages): PipelineOutputs {
  return {
    streamName: stages.ingest.streamName,
    database: stages.lake.database,
    featureGroup: stages.features.groupName,
    modelPackageGroup: stages.registry.groupName,
    endpointName: names.endpoint,
    pipelineStateMachineArn: stages.run.machineArn,
    deploymentStateMachineArn: stages.serve.deploymentArn,
    monitoringStateMachineArn: stages.monitor.machineArn,
    predictFunctionName: stages.serve.predictName,
    predictUrl: stages.serve.predictUrl,
    driftAlarmNames: stages.monitor.driftAlarmNames,
    dashboardName: stages.overview.dashboardName,
  };
}
