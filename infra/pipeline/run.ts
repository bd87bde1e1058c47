import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { JobRuntime } from "../components/job-runtime";
import { NodeFunction } from "../components/node-function";
import { StateMachine } from "../components/state-machine";
import { WorkflowSchedule } from "../components/workflow-schedule";
import { startExecutions } from "../iam/services";
import { type Dataset, datasetVariables } from "../lake/dataset";
import { stateMachineArn } from "../names";
import { dutiesAreSeparate } from "../people/settings";
import type { AsynchronousStageArgs } from "../platform";
import type { Features } from "../stages/features/features";
import type { Quality } from "../stages/quality/quality";
import type { Registry } from "../stages/registry/registry";
import type { Score } from "../stages/score/score";
import type { Endpoint } from "../stages/serve/endpoint";
import type { Train } from "../stages/train/train";
import type { Transform } from "../stages/transform/transform";
import { audienceOf } from "../workflows/alerts";
import { dawnTimes } from "./dawn";
import { runWorkflow } from "./run-workflow";

export interface RunArgs extends AsynchronousStageArgs {
  runtime: JobRuntime;
  transform: Transform;
  quality: Quality;
  features: Features;
  score: Score;
  train: Train;
  registry: Registry;
  /** The model that it serves when a run starts is the champion: it scores the day's rows, and a new model is compared with it. */
  champion: Endpoint;
  /** The plan contains the URIs of these datasets for the run. */
  plans: { scoringSets: Dataset; scoreReports: Dataset; trainingSets: Dataset; models: Dataset };
  /** The retraining that waits for labels, and the newest evaluated model: they decide whether a run at dawn trains. */
  reads: { driftReports: Dataset; trainingState: Dataset };
  writes: { runReports: Dataset };
}

/** The run: takes new raw events to features and, in mode train, to a registered model. Starts daily on a schedule. */
export class Run extends pulumi.ComponentResource {
  readonly machine: StateMachine;
  readonly functions: NodeFunction[];

  constructor(name: string, args: RunArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:pipeline:Run", name, {}, options);
    const { platform, pipeline } = args;
    const { region, accountId } = platform.place;
    const { made } = pipeline.names;
    const plan = planFunction(name, args, this);
    this.functions = [plan, args.train.decideFunction, ...args.registry.functions];
    this.machine = new StateMachine(
      name,
      {
        platform,
        machineName: pipeline.names.runMachine,
        workflow: runWorkflow({
          spec: pipeline.spec,
          audience: audienceOf(args),
          planArn: plan.arn,
          transform: args.transform,
          quality: args.quality,
          features: args.features,
          score: { ...args.score, region, accountId, jobArns: made.processingJobs },
          train: {
            ...args.train,
            decideArn: args.train.decideFunction.arn,
            region,
            accountId,
            jobArns: { training: made.trainingJobs, processing: made.processingJobs },
          },
          registry: {
            registerArn: args.registry.registerFunction.arn,
            retireArn: args.registry.retireFunction.arn,
          },
          turn: {
            machineArn: stateMachineArn(platform.place, pipeline.names.runMachine),
            pollSeconds: platform.config.deploymentPollSeconds,
          },
        }),
      },
      { parent: this },
    );
    startAtDawn(name, args, this.machine, this);
    if (dutiesAreSeparate(platform.config)) this.functions.push(startFunction(name, args, this.machine, this));
    this.registerOutputs({ machineArn: this.machine.arn });
  }
}

/** The Lambda that plans a run: as-of day, cutoffs and dataset URIs. */
function planFunction(name: string, args: RunArgs, parent: Run): NodeFunction {
  const { platform, pipeline, runtime, champion, plans, reads, writes } = args;
  const { git } = platform.config;
  return new NodeFunction(
    `${name}-plan`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-run-plan`,
      handler: "run-plan",
      description: `${pipeline.spec.name}: plans a run`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        JOB_NAME_PREFIX: pipeline.names.madePrefix,
        SPEC_URI: runtime.specUri,
        MODEL_SOURCE_URI: runtime.code.modelFolder,
        ENDPOINT_NAME: champion.name,
        GIT_COMMIT: git.commit,
        GIT_DIRTY: String(git.dirty),
        // For the URIs in the plan only: the Lambda neither reads nor writes these datasets.
        ...datasetVariables({ reads: Object.values(plans) }),
      },
      reads: [reads.driftReports.only("retraining.json"), reads.trainingState],
      writes: [writes.runReports.only("*/plan.json")],
      statements: champion.describe,
      deadLetters: args.deadLetters,
      timeoutSeconds: 60,
      memoryMegabytes: 256,
    },
    { parent },
  );
}

/** The Lambda by which people start runs where AWS has to say who they are. */
function startFunction(
  name: string,
  { platform, pipeline, deadLetters }: RunArgs,
  machine: StateMachine,
  parent: Run,
): NodeFunction {
  const start = new NodeFunction(
    `${name}-start`,
    {
      platform,
      functionName: pipeline.names.runStart,
      handler: "run-start",
      description: `${pipeline.spec.name}: starts a run in the name of who calls its URL`,
      environment: { DAYBREAK_PIPELINE: pipeline.spec.name, RUN_STATE_MACHINE_ARN: machine.arn },
      statements: [startExecutions(machine.arn)],
      deadLetters,
      timeoutSeconds: 30,
      memoryMegabytes: 256,
    },
    { parent },
  );
  new aws.lambda.FunctionUrl(
    `${name}-start-url`,
    { functionName: start.name, authorizationType: "AWS_IAM" },
    { parent },
  );
  return start;
}

function startAtDawn(name: string, args: RunArgs, machine: StateMachine, parent: Run): void {
  const { platform, pipeline, deadLetters } = args;
  const scheduleName = `${pipeline.names.prefix}-dawn`;
  new WorkflowSchedule(
    `${name}-dawn`,
    {
      platform,
      name: scheduleName,
      description: `${pipeline.spec.name}: starts the daily runs`,
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
      deadLetters,
    },
    { parent },
  );
}
