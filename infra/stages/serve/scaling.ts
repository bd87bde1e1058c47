/** States that let an endpoint grow with its requests, by Application Auto Scaling. */
import type { PipelineSpec } from "../../../spec/pipeline";
import { type Place, variantName } from "../../names";
import type { State, TaskState } from "../../workflows/states";
import { callAutoScaling, type ScalableTarget } from "../../workflows/tasks";
import type { Endpoint } from "./endpoint";

export interface ScalingArgs {
  spec: PipelineSpec;
  place: Place;
  endpoint: Endpoint;
  /** The number of instances that the endpoint starts with. */
  instanceCount: number;
}

/** The role with which Application Auto Scaling changes instance counts, and the service that assumes it. */
export const autoscalingRole = {
  name: "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
  service: "sagemaker.application-autoscaling.amazonaws.com",
};

function targetOf(endpoint: Endpoint): ScalableTarget {
  return {
    ServiceNamespace: "sagemaker",
    ResourceId: `endpoint/${endpoint.name}/variant/${variantName}`,
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
  };
}

/** ARN pattern of the alarms that a scaling policy makes for itself. */
function policyAlarms({ place, endpoint }: ScalingArgs): string {
  return `arn:aws:cloudwatch:${place.region}:${place.accountId}:alarm:TargetTracking-${targetOf(endpoint).ResourceId}-*`;
}

/**
 * Ends the scaling of an endpoint before an update: SageMaker refuses one that changes the instance type of a variant that is a
 * scalable target, and scales none during an update (developer guide: "Update endpoints that use auto scaling"). It is there for
 * every pipeline, so that scaling ends where `serving.autoscaling` was taken out.
 */
export function stopScaling(args: ScalingArgs, next: string): TaskState {
  return callAutoScaling(
    "deregisterScalableTarget",
    { target: targetOf(args.endpoint), place: args.place, request: {} },
    {
      catch: [{ errors: ["ApplicationAutoScaling.ObjectNotFoundException"], next }],
      next,
      grants: [{ actions: ["cloudwatch:DeleteAlarms"], resources: [policyAlarms(args)] }],
    },
  );
}

/**
 * Registers the endpoint and puts its scaling policy.
 *
 * @param names of the two states
 * @param onError the state after an error; by default, it ends the execution as failed
 */
export function startScaling(
  args: ScalingArgs,
  names: [string, string],
  next: string,
  onError?: string,
): Record<string, State> {
  const { spec, place, endpoint, instanceCount } = args;
  const { autoscaling } = spec.serving;
  if (autoscaling === undefined) return {};
  const [register, put] = names;
  const target = targetOf(endpoint);
  const handled = onError === undefined ? {} : { catch: [{ errors: ["States.ALL"], next: onError }] };
  return {
    [register]: callAutoScaling(
      "registerScalableTarget",
      { target, place, request: { MinCapacity: instanceCount, MaxCapacity: autoscaling.max_instances } },
      {
        ...handled,
        next: put,
        grants: [
          // The first target of an account makes the role.
          {
            actions: ["iam:CreateServiceLinkedRole"],
            resources: [
              `arn:aws:iam::${place.accountId}:role/aws-service-role/${autoscalingRole.service}/${autoscalingRole.name}`,
            ],
            conditions: { StringEquals: { "iam:AWSServiceName": autoscalingRole.service } },
          },
          // Application Auto Scaling asks whether its caller may do itself what it will do.
          {
            actions: ["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"],
            resources: [endpoint.arn],
          },
          { actions: ["sagemaker:DescribeEndpointConfig"], resources: [endpoint.configArns] },
        ],
      },
    ),
    [put]: callAutoScaling(
      "putScalingPolicy",
      {
        target,
        place,
        request: {
          PolicyName: `${endpoint.name}-requests`,
          PolicyType: "TargetTrackingScaling",
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: autoscaling.requests_per_instance,
            PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
          },
        },
      },
      {
        ...handled,
        next,
        grants: [
          { actions: ["cloudwatch:PutMetricAlarm"], resources: [policyAlarms(args)] },
          { actions: ["cloudwatch:DescribeAlarms"], resources: [endpoint.alarmArns] },
        ],
      },
    ),
  };
}
