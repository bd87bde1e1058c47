import * as pulumi from "@pulumi/pulumi";
import { dashboard, type Graph, type Metric } from "../components/dashboard";
import type { StageArgs } from "../platform";
import type { Ingest } from "../stages/ingest/ingest";
import type { Monitor } from "../stages/monitor/monitor";
import type { Serve } from "../stages/serve/serve";
import type { Run } from "./run";

export interface OverviewArgs extends StageArgs {
  ingest: Ingest;
  run: Run;
  serve: Serve;
  monitor: Monitor;
}

/** The pipeline's CloudWatch dashboard: the graphs of all stages, in the order of the data flow. */
export class Overview extends pulumi.ComponentResource {
  readonly dashboardName: string;

  constructor(name: string, args: OverviewArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:pipeline:Overview", name, {}, options);
    const { platform, pipeline, ingest, serve, monitor } = args;
    this.dashboardName = pipeline.names.dashboard;
    dashboard(
      `${name}-dashboard`,
      {
        dashboardName: this.dashboardName,
        region: platform.place.region,
        graphs: [...ingest.graphs, executions(args), errors(args), ...serve.graphs, ...monitor.graphs],
      },
      { parent: this },
    );
    this.registerOutputs({ dashboardName: this.dashboardName });
  }
}

function executions({ run, serve, monitor }: OverviewArgs): Graph {
  return {
    title: "Workflow executions",
    stat: "Sum",
    periodSeconds: 3600,
    metrics: Object.entries({ run, serve, monitor }).flatMap(([label, { machine }]): Metric[] => [
      ["AWS/States", "ExecutionsSucceeded", "StateMachineArn", machine.arn, { label: `${label}: succeeded` }],
      ["AWS/States", "ExecutionsFailed", "StateMachineArn", machine.arn, { label: `${label}: failed` }],
    ]),
  };
}

function errors({ pipeline, run, serve, monitor }: OverviewArgs): Graph {
  return {
    title: "Lambda errors and dead letters",
    stat: "Sum",
    periodSeconds: 300,
    metrics: [
      ...[run, serve, monitor].flatMap(({ functions }) =>
        functions.map((lambda): Metric => ["AWS/Lambda", "Errors", "FunctionName", lambda.name]),
      ),
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", pipeline.names.deadLetters, { stat: "Maximum" }],
    ],
  };
}
