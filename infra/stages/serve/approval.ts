/** What an approval of a model version starts: the deployment, or the workflow deploy-model on GitHub. */
import type * as pulumi from "@pulumi/pulumi";
import { type DispatchTarget, EventTrigger } from "../../components/event-trigger";
import { NodeFunction } from "../../components/node-function";
import type { StateMachine } from "../../components/state-machine";
import { startExecutions } from "../../iam/services";
import type { AsynchronousStageArgs } from "../../platform";
import type { ModelVersions } from "../registry/model-versions";

export interface ApprovalArgs extends AsynchronousStageArgs {
  modelVersions: ModelVersions;
}

/** @returns the Lambda that starts the deployment; none if GitHub does */
export function startOnApproval(
  name: string,
  args: ApprovalArgs,
  machine: StateMachine,
  parent: pulumi.Resource,
): NodeFunction[] {
  const { pipeline, modelVersions, deadLetters } = args;
  const dispatch = dispatchOf(args);
  const target = dispatch ?? startFunction(name, args, machine, parent);
  new EventTrigger(
    `${name}-approved`,
    {
      ruleName: pipeline.names.rules.approved,
      description: `${pipeline.spec.name}: a model version was approved`,
      pattern: {
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        detail: {
          ModelPackageGroupName: [modelVersions.groupName],
          ModelApprovalStatus: ["Approved"],
          // The status is also sent when something else changes. The Lambda looks for itself, and logs what it ignores.
          ...(dispatch && { UpdatedModelPackageFields: ["ModelApprovalStatus"] }),
        },
      },
      target,
      deadLetters,
    },
    { parent },
  );
  return target instanceof NodeFunction ? [target] : [];
}

/** The request that starts deploy-model (docs.github.com/rest/repos/repos: "Create a repository dispatch event"). */
function dispatchOf({ platform, pipeline }: ApprovalArgs): DispatchTarget | undefined {
  return (
    platform.approvals && {
      ...platform.approvals,
      inputPaths: { version: "$.detail.ModelPackageVersion", approvedAt: "$.time" },
      body: {
        event_type: "deploy-model",
        client_payload: {
          pipeline: pipeline.spec.name,
          version: "<version>",
          environment: platform.place.environment,
          approvedAt: "<approvedAt>",
        },
      },
    }
  );
}

function startFunction(
  name: string,
  { platform, pipeline, modelVersions, deadLetters }: ApprovalArgs,
  machine: StateMachine,
  parent: pulumi.Resource,
): NodeFunction {
  return new NodeFunction(
    `${name}-start`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-serve-start`,
      handler: "serve-start",
      description: `${pipeline.spec.name}: deploys a model version when it is approved`,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        SERVE_STATE_MACHINE_ARN: machine.arn,
        MODEL_PACKAGE_GROUP: modelVersions.groupName,
      },
      statements: [startExecutions(machine.arn)],
      deadLetters,
      timeoutSeconds: 30,
      memoryMegabytes: 256,
    },
    { parent },
  );
}
