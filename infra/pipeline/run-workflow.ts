/** The run workflow, from raw events to scores and to a registered model. One execution is one run; each stage contributes its states. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../spec/pipeline";
import { featuresStates } from "../stages/features/features";
import { qualityStates } from "../stages/quality/quality";
import {
  type RegistryStatesArgs,
  registrationEvidence,
  registrationWarnings,
  registryStates,
} from "../stages/registry/states";
import { type ScoreStatesArgs, scoreStates } from "../stages/score/states";
import { refitState, type TrainStatesArgs, trainStates } from "../stages/train/states";
import { transformStates } from "../stages/transform/transform";
import { type Audience, failureHandler } from "../workflows/alerts";
import { failedJobs, repeat, repeatState } from "../workflows/glue-step";
import { code, construct } from "../workflows/jsonata";
import { execution, expression, type Workflow } from "../workflows/states";
import { invoke, type Job } from "../workflows/tasks";
import { inTurn, type TurnArgs } from "../workflows/turns";

export interface RunWorkflowArgs {
  spec: PipelineSpec;
  audience: Audience;
  planArn: pulumi.Input<string>;
  transform: { job: Job };
  quality: { job: Job };
  features: { job: Job };
  score: Omit<ScoreStatesArgs, "spec">;
  train: Omit<TrainStatesArgs, "spec" | "audience">;
  registry: Pick<RegistryStatesArgs, "registerArn" | "retireArn">;
  turn: TurnArgs;
}

const run = { runId: code("$run.run_id"), mode: code("$run.mode"), asOf: code("$run.as_of") };

/** Output of a features run. */
const featuresOutput = construct({ ...run, outcome: "features" });

/** Output of a training run. Version and model package are present only if the model passed the gate. */
const trainOutput = construct({
  ...run,
  outcome: code("$registration.outcome"),
  version: code("$registration.version"),
  modelPackageArn: code("$registration.modelPackageArn"),
  verdict: code("$registration.verdict"),
  evidence: registrationEvidence,
  warnings: registrationWarnings,
});

/** Builds the run workflow. */
export function runWorkflow({ spec, audience, ...args }: RunWorkflowArgs): Workflow {
  const workflow = {
    comment: `${spec.name}: raw events to features, scores and, in mode train, a registered model`,
    startAt: "Plan",
    onError: "AlertFailure",
    states: {
      Plan: invoke(
        args.planArn,
        { execution, input: expression("$states.input") },
        { assign: { run: expression("$states.result.Payload.run"), [failedJobs]: 0 }, next: "Transform" },
      ),
      ...transformStates(args.transform.job, "Quality"),
      ...qualityStates(args.quality.job, "Features"),
      ...featuresStates(args.features.job, "ScoringWanted"),
      ScoringWanted: {
        type: "choice",
        rules: [{ when: "$run.champion != null", next: "ScoreCustomers" }],
        otherwise: "TrainingWanted",
      },
      ...scoreStates({ spec, ...args.score }, "TrainingWanted"),
      TrainingWanted: {
        type: "choice",
        rules: [{ when: "$run.mode = 'train'", next: "TrainDataset" }],
        otherwise: "FeaturesFinished",
      },
      FeaturesFinished: { type: "succeed", output: expression(featuresOutput) },
      ...trainStates({ spec, audience, ...args.train }, "Gate"),
      ...registryStates({ spec, audience, ...args.registry }, "TrainRefit", "RunFinished"),
      ...refitState({ spec, audience, ...args.train }, "Registry"),
      RunFinished: { type: "succeed", output: expression(trainOutput) },
      [repeat]: repeatState(["Transform", "Quality", "Features", "ScoreTable", "TrainDataset"], "AlertFailure"),
      ...failureHandler(audience, "run", "$exists($run) ? $run.run_id"),
    },
  } satisfies Omit<Workflow, "timeoutSeconds">;
  return inTurn(workflow, args.turn);
}
