import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dashboardBody } from "../dashboard";
import type { StageArgs } from "../platform";
import type { Monitor } from "./monitor";
import type { Run } from "./run";
import type { Serve } from "./serve";

export interface OverviewArgs extends StageArgs {
  run: Run;
  serve: Serve;
  monitor: Monitor;
}

const functions = ["run-plan", "registry-register", "serve-start", "serve-predict", "monitor-drift", "monitor-retrain"];

/** One page of graphs that shows the whole loop of a pipeline. */
export class Overview extends pulumi.ComponentResource {
  readonly dashboardName: string;

  constructor(name: string, args: OverviewArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Overview", name, {}, options);
    const { platform, pipeline } = args;
    const { spec, names } = pipeline;
    this.dashboardName = names.dashboard;
    new aws.cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        dashboardName: names.dashboard,
        dashboardBody: pulumi
          .output({
            pipeline: args.run.machineArn,
            deployment: args.serve.deploymentArn,
            monitoring: args.monitor.machineArn,
          })
          .apply((machineArns) =>
            dashboardBody({
              place: platform.place,
              names,
              featureNames: Object.keys(spec.features.columns),
              limits: {
                featurePsi: spec.monitoring.feature_psi,
                predictionPsi: spec.monitoring.prediction_psi,
                latencyMs: spec.serving.latency_alarm_ms,
              },
              machineArns,
              functionNames: functions.map((suffix) => `${names.prefix}-${suffix}`),
            }),
          ),
      },
      { parent: this },
    );
    this.registerOutputs({ dashboardName: this.dashboardName });
  }
}
