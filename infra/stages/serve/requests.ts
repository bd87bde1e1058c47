/** The SageMaker requests of a deployment. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { variantName } from "../../names";
import { type Constructed, code, construct } from "../../workflows/jsonata";
import { inVpc, takesVolumeKey } from "../../workflows/sagemaker-jobs";
import { expression, failureOf, type TaskState, type Value } from "../../workflows/states";
import { callSageMaker } from "../../workflows/tasks";
import type { Endpoint } from "./endpoint";

export interface ServeRequestArgs {
  spec: PipelineSpec;
  endpoint: Endpoint;
  roleArn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  /** The subnets and the security group of the endpoint's instances, if the network is private. */
  vpcConfig?: Value | undefined;
  /** S3 URI of the folder for captured requests. */
  captureUri: string;
  canaryWaitSeconds: number;
  /** The number of instances that the endpoint starts with. */
  instanceCount: number;
}

const tags: Value = [{ Key: "daybreak:version", Value: expression("$string($package.version)") }];

/** Traffic routing of a deployment. SageMaker limits a canary to 50% of the fleet, so a single instance is switched at once. */
function trafficRouting({ spec, canaryWaitSeconds, instanceCount }: ServeRequestArgs): Constructed {
  const baking = { WaitIntervalInSeconds: canaryWaitSeconds };
  if (instanceCount < 2) return { Type: "ALL_AT_ONCE", ...baking };
  return {
    Type: "CANARY",
    CanarySize: { Type: "CAPACITY_PERCENT", Value: spec.serving.canary_percent },
    ...baking,
  };
}

function endpointConfig(args: ServeRequestArgs): Value {
  const { serving } = args.spec;
  return {
    EndpointConfigName: expression("$deployment"),
    ProductionVariants: [
      {
        VariantName: variantName,
        ModelName: expression("$deployment"),
        InitialInstanceCount: args.instanceCount,
        InstanceType: serving.instance_type,
        InitialVariantWeight: 1,
      },
    ],
    DataCaptureConfig: {
      EnableCapture: true,
      InitialSamplingPercentage: serving.capture_percent,
      DestinationS3Uri: args.captureUri,
      KmsKeyId: args.keyArn,
      CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
      CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
    },
    ...(takesVolumeKey(serving.instance_type) ? { KmsKeyId: args.keyArn } : {}),
    Tags: tags,
  };
}

/** States that create the version's model and endpoint configuration, and that create, update or revert the endpoint. */
export function deploymentCalls(args: ServeRequestArgs): Record<string, TaskState> {
  const { endpoint } = args;
  // The new fleet then has as many instances as the old one has grown to, and not as many as the endpoint once started with.
  const keepSize = args.spec.serving.autoscaling === undefined ? {} : { RetainAllVariantProperties: true };
  // Another deployment may have started since the endpoint was described: this one then waits. So it does when it is throttled.
  const takeTurns = [{ errors: ["States.ALL"], assign: failureOf("MoveEndpoint"), next: "EndpointTaken" }];
  return {
    CreateModel: callSageMaker(
      "createModel",
      {
        ModelName: expression("$deployment"),
        ExecutionRoleArn: args.roleArn,
        PrimaryContainer: {
          ModelPackageName: expression("$package.arn"),
          Environment: { DAYBREAK_MODEL_VERSION: expression("$string($package.version)") },
        },
        EnableNetworkIsolation: true,
        ...inVpc(args),
        Tags: tags,
      },
      { on: [endpoint.modelArns], tags: true, roleArn: args.roleArn },
      { next: "CreateEndpointConfig" },
    ),
    CreateEndpointConfig: callSageMaker(
      "createEndpointConfig",
      endpointConfig(args),
      { on: [endpoint.configArns], tags: true, keyArn: args.keyArn },
      { next: "FindEndpoint" },
    ),
    CreateEndpoint: callSageMaker(
      "createEndpoint",
      { EndpointName: endpoint.name, EndpointConfigName: expression("$deployment"), Tags: tags },
      { on: [endpoint.arn, endpoint.configArns], tags: true },
      { retry: [], catch: takeTurns, next: "Wait" },
    ),
    UpdateEndpoint: callSageMaker(
      "updateEndpoint",
      {
        EndpointName: endpoint.name,
        EndpointConfigName: expression("$deployment"),
        ...keepSize,
        DeploymentConfig: expression(deploymentConfig(args)),
      },
      { on: [endpoint.arn, endpoint.configArns], alarmArns: endpoint.alarmArns },
      { assign: { previous: expression("$endpoint.config") }, retry: [], catch: takeTurns, next: "Wait" },
    ),
    RevertEndpoint: callSageMaker(
      "updateEndpoint",
      { EndpointName: endpoint.name, EndpointConfigName: expression("$previous"), ...keepSize },
      { on: [endpoint.arn, endpoint.configArns] },
      { next: "WaitForRevert" },
    ),
  };
}

/**
 * Blue/green deployment with automatic rollback. An alarm already in ALARM before the switch would roll back a version that
 * has not served a request, so only the other alarms are used. SageMaker rejects an empty list of alarms.
 */
function deploymentConfig(args: ServeRequestArgs): string {
  const policy = construct({
    BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: trafficRouting(args), TerminationWaitInSeconds: 0 },
  });
  const rollback = construct({
    AutoRollbackConfiguration: { Alarms: code("$append([], $map($guards, function($name) { {'AlarmName': $name} }))") },
  });
  return `$count($guards) = 0 ? ${policy} : $merge([${policy}, ${rollback}])`;
}
