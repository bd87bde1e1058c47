import * as pulumi from "@pulumi/pulumi";
import { StateMachine } from "../components/state-machine";
import { WorkflowSchedule } from "../components/workflow-schedule";
import { dawnTimes } from "../dawn";
import type { StageArgs } from "../platform";
import { pipelineWorkflow } from "../workflows/pipeline";
import { audienceOf } from "./audience";
import type { Features } from "./features";
import type { Lake } from "./lake";
import type { Quality } from "./quality";
import type { Registry } from "./registry";
import type { Train } from "./train";
import type { Transform } from "./transform";

export interface RunArgs extends StageArgs {
  lake: Lake;
  transform: Transform;
  quality: Quality;
  features: Features;
  train: Train;
  registry: Registry;
}

/** Puts the steps from raw events to a registered model in a row, and starts them at dawn. */
export class Run extends pulumi.ComponentResource {
  readonly machineArn: pulumi.Output<string>;

  constructor(name: string, args: RunArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Run", name, {}, options);
    const { platform, pipeline, train } = args;
    const { made } = pipeline.names;
    const machine = new StateMachine(
      name,
      {
        platform,
        machineName: pipeline.names.pipelineMachine,
        workflow: pipelineWorkflow({
          spec: pipeline.spec,
          audience: audienceOf(args),
          jobs: {
            transform: args.transform.job,
            quality: args.quality.job,
            features: args.features.job,
            dataset: train.datasetJob,
          },
          planArn: train.planArn,
          registerArn: args.registry.registerArn,
          place: train.jobs,
          region: platform.place.region,
          accountId: platform.place.accountId,
          jobArns: { training: made.trainingJobs, processing: made.processingJobs },
        }),
      },
      { parent: this },
    );
    this.machineArn = machine.arn;
    const scheduleName = `${pipeline.names.prefix}-dawn`;
    new WorkflowSchedule(
      `${name}-dawn`,
      {
        platform,
        name: scheduleName,
        description: `${pipeline.spec.name}: the runs at dawn`,
        machineArn: machine.arn,
        timeZone: pipeline.spec.schedule.time_zone,
        times: dawnTimes(pipeline.spec.schedule).map(({ mode, expression }) => ({
          suffix: mode,
          expression,
          input: {
            mode,
            scheduledAt: "<aws.scheduler.scheduled-time>",
            trigger: { type: "schedule", actor: `${scheduleName}-${mode}` },
          },
        })),
        deadLetters: args.lake.deadLetters,
      },
      { parent: this },
    );
    this.registerOutputs({ machineArn: this.machineArn });
  }
}
