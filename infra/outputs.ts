/** Stack outputs, as used by the command line, the demo and other stacks. */
import type * as pulumi from "@pulumi/pulumi";
import type * as contract from "../contracts/stack-outputs";
import { type DatasetAddress, datasetAddresses } from "./lake/dataset";
import type { Lake } from "./lake/lake";
import type { Overview } from "./pipeline/overview";
import type { Run } from "./pipeline/run";
import type { Pipeline } from "./platform";
import type { Features } from "./stages/features/features";
import type { Ingest } from "./stages/ingest/ingest";
import type { Monitor } from "./stages/monitor/monitor";
import type { Registry } from "./stages/registry/registry";
import type { Serve } from "./stages/serve/serve";

/** The outputs contract with each value as a Pulumi input: most are known only after their resource is created. */
type Declared<Outputs> = { [Name in keyof Outputs]: pulumi.Input<Outputs[Name]> };

export type PipelineOutputs = Declared<Omit<contract.PipelineOutputs, "datasets">> & {
  datasets: Record<string, DatasetAddress>;
};

export type StackOutputs = Declared<Omit<contract.StackOutputs, "pipelines">> & {
  pipelines: Record<string, PipelineOutputs>;
};

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

/** Collects a pipeline's outputs from its stages. */
export function pipelineOutputs({ names }: Pipeline, stages: Stages): PipelineOutputs {
  const { ingest, lake, features, registry, run, serve, monitor, overview } = stages;
  return {
    streamName: ingest.streamName,
    database: lake.database,
    featureGroup: features.group.groupName,
    modelPackageGroup: registry.modelVersions.groupName,
    endpointName: names.endpoint,
    runStateMachineArn: run.machine.arn,
    serveStateMachineArn: serve.machine.arn,
    monitorStateMachineArn: monitor.machine.arn,
    predictFunctionName: serve.predictFunction.name,
    predictUrl: serve.predictUrl,
    driftAlarmNames: monitor.driftAlarmNames,
    qualityAlarmName: monitor.qualityAlarmName,
    servingAlarmName: monitor.servingAlarmName,
    dashboardName: overview.dashboardName,
    datasets: datasetAddresses({ reads: Object.values(lake.datasets) }),
  };
}
