/** The serve workflow: deploys an approved model package to the endpoint, or rolls back to the previous version. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { variantName } from "../../names";
import { type Audience, alert, failureHandler } from "../../workflows/alerts";
import { code, construct } from "../../workflows/jsonata";
import { expression, failureOf, type TaskState, type Value, type Workflow } from "../../workflows/states";
import { callSageMaker } from "../../workflows/tasks";
import { takesVolumeKey } from "../train/sagemaker-jobs";
import type { Endpoint } from "./endpoint";

export interface ServeWorkflowArgs {
  spec: PipelineSpec;
  audience: Audience;
  endpoint: Endpoint;
  /** ARN pattern of the pipeline's model packages. */
  modelPackageArns: string;
  /** Prefix of the names of models and endpoint configurations; version and timestamp follow. */
  namePrefix: string;
  roleArn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  /** S3 URI of the folder for captured requests, with a trailing slash. */
  captureUri: string;
  /** Names of the alarms that roll back a deployment. */
  rollbackAlarms: readonly string[];
  canaryWaitSeconds: number;
  pollSeconds: number;
}

/** Exceeds the duration of a deployment with the longest canary wait (3600 s). */
const timeoutSeconds = 4 * 3600;

/** True while the endpoint's status does not allow an update. */
const busy = "$endpoint.status in ['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting']";

const tags: Value = [{ Key: "daybreak:version", Value: expression("$string($package.version)") }];

function describeEndpoint(args: ServeWorkflowArgs, next: string, step?: string): TaskState {
  const found = {
    status: expression("$states.result.EndpointStatus"),
    config: expression("$states.result.EndpointConfigName"),
    reason: expression("$exists($states.result.FailureReason) ? $states.result.FailureReason : ''"),
  };
  const none = { status: "None", config: "", reason: "" };
  return callSageMaker(
    "describeEndpoint",
    { EndpointName: args.endpoint.name },
    { on: [args.endpoint.arn] },
    {
      assign: { endpoint: found },
      next,
      // SageMaker has no specific error for a missing endpoint; EndpointMissing checks the message.
      ...(step === undefined
        ? {}
        : {
            catch: [
              { errors: ["States.ALL"], assign: { ...failureOf(step), endpoint: none }, next: "EndpointMissing" },
            ],
          }),
    },
  );
}

/** Traffic routing of a deployment. SageMaker limits a canary to 50% of the fleet, so a single instance is switched at once. */
function trafficRouting({ spec, canaryWaitSeconds }: ServeWorkflowArgs): Value {
  const baking = { WaitIntervalInSeconds: canaryWaitSeconds };
  if (spec.serving.instance_count < 2) return { Type: "ALL_AT_ONCE", ...baking };
  return {
    Type: "CANARY",
    CanarySize: { Type: "CAPACITY_PERCENT", Value: spec.serving.canary_percent },
    ...baking,
  };
}

function endpointConfig(args: ServeWorkflowArgs): Value {
  const { serving } = args.spec;
  return {
    EndpointConfigName: expression("$deployment"),
    ProductionVariants: [
      {
        VariantName: variantName,
        ModelName: expression("$deployment"),
        InitialInstanceCount: serving.instance_count,
        InstanceType: serving.instance_type,
        InitialVariantWeight: 1,
      },
    ],
    DataCaptureConfig: {
      EnableCapture: true,
      InitialSamplingPercentage: serving.capture_percent,
      DestinationS3Uri: expression(`'${args.captureUri}' & $string($package.version)`),
      KmsKeyId: args.keyArn,
      CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
      CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
    },
    ...(takesVolumeKey(serving.instance_type) ? { KmsKeyId: args.keyArn } : {}),
    Tags: tags,
  };
}

/** States that create the version's model and endpoint configuration, then create or update the endpoint. */
function deploymentCalls(args: ServeWorkflowArgs): Record<string, TaskState> {
  const { endpoint } = args;
  const target = { EndpointName: args.endpoint.name, EndpointConfigName: expression("$deployment") };
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
        Tags: tags,
      },
      { on: [endpoint.modelArns], tags: true, roleArn: args.roleArn },
      { next: "CreateEndpointConfig" },
    ),
    CreateEndpointConfig: callSageMaker(
      "createEndpointConfig",
      endpointConfig(args),
      { on: [endpoint.configArns], tags: true, keyArn: args.keyArn },
      { next: "Exists" },
    ),
    CreateEndpoint: callSageMaker(
      "createEndpoint",
      { ...target, Tags: tags },
      { on: [endpoint.arn, endpoint.configArns], tags: true },
      { next: "Wait" },
    ),
    UpdateEndpoint: callSageMaker(
      "updateEndpoint",
      {
        ...target,
        DeploymentConfig: {
          BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: trafficRouting(args), TerminationWaitInSeconds: 0 },
          AutoRollbackConfiguration: { Alarms: args.rollbackAlarms.map((AlarmName) => ({ AlarmName })) },
        },
      },
      { on: [endpoint.arn, endpoint.configArns], alarmArns: endpoint.alarmArns },
      { next: "Wait" },
    ),
  };
}

/** Builds the serve workflow. */
export function serveWorkflow(args: ServeWorkflowArgs): Workflow {
  const { audience, endpoint } = args;
  const facts = {
    version: code("$package.version"),
    modelPackageArn: code("$package.arn"),
    endpointName: endpoint.name,
  };
  const now = "$replace($substring($states.context.Execution.StartTime, 0, 19), /[^0-9]/, '')";
  return {
    comment: `${args.spec.name}: deploys an approved model version to the endpoint`,
    startAt: "DescribePackage",
    onError: "AlertFailure",
    timeoutSeconds,
    states: {
      DescribePackage: callSageMaker(
        "describeModelPackage",
        { ModelPackageName: expression("$states.input.modelPackageArn") },
        { on: [args.modelPackageArns] },
        {
          assign: {
            package: {
              arn: expression("$states.result.ModelPackageArn"),
              version: expression("$states.result.ModelPackageVersion"),
              status: expression("$states.result.ModelApprovalStatus"),
            },
            // Computed once: the model, the endpoint configuration and the check in Settled use the same name.
            deployment: expression(
              `'${args.namePrefix}-v' & $string($states.result.ModelPackageVersion) & '-' & ${now}`,
            ),
          },
          next: "Approved",
        },
      ),
      Approved: {
        type: "choice",
        rules: [{ when: "$package.status = 'Approved'", next: "FindEndpoint" }],
        otherwise: "NotApproved",
      },
      NotApproved: {
        type: "pass",
        assign: {
          failure: {
            step: "Approved",
            error: "NotApproved",
            cause: expression(
              "'Version ' & $string($package.version) & ' is ' & $package.status & '; only approved versions can be deployed.'",
            ),
          },
        },
        next: "AlertFailure",
      },
      FindEndpoint: describeEndpoint(args, "Ready", "FindEndpoint"),
      EndpointMissing: {
        type: "choice",
        rules: [{ when: "$contains($failure.cause, 'Could not find')", next: "CreateModel" }],
        otherwise: "AlertFailure",
      },
      Ready: {
        type: "choice",
        rules: [
          { when: busy, next: "WaitUntilReady" },
          // A Failed endpoint cannot be updated, so it is deleted and created again.
          { when: "$endpoint.status = 'Failed'", next: "DeleteEndpoint" },
        ],
        otherwise: "CreateModel",
      },
      DeleteEndpoint: callSageMaker(
        "deleteEndpoint",
        { EndpointName: endpoint.name },
        { on: [endpoint.arn] },
        { next: "WaitUntilReady" },
      ),
      WaitUntilReady: { type: "wait", seconds: args.pollSeconds, next: "FindEndpoint" },
      ...deploymentCalls(args),
      Exists: {
        type: "choice",
        rules: [{ when: "$endpoint.status = 'None'", next: "CreateEndpoint" }],
        otherwise: "UpdateEndpoint",
      },
      Wait: { type: "wait", seconds: args.pollSeconds, next: "DescribeEndpoint" },
      DescribeEndpoint: describeEndpoint(args, "Settled"),
      Settled: {
        type: "choice",
        rules: [
          { when: busy, next: "Wait" },
          { when: "$endpoint.status = 'InService' and $endpoint.config = $deployment", next: "AlertDeployed" },
          { when: "$endpoint.status = 'InService'", next: "RolledBack" },
        ],
        otherwise: "CannotServe",
      },
      RolledBack: {
        type: "pass",
        assign: {
          failure: {
            step: "Settled",
            error: "DeploymentRolledBack",
            cause: expression(
              "'Version ' & $string($package.version) & ' was rolled back; the endpoint still uses ' & $endpoint.config & '. ' & $endpoint.reason",
            ),
          },
        },
        next: "AlertRolledBack",
      },
      AlertRolledBack: alert(
        audience,
        "deployment-rolled-back",
        { ...facts, reason: code("$failure.cause") },
        "Failed",
      ),
      CannotServe: {
        type: "pass",
        assign: {
          failure: {
            step: "Settled",
            error: "EndpointFailed",
            cause: expression(
              "'Version ' & $string($package.version) & ' could not be deployed: the endpoint status is ' & $endpoint.status & '. ' & $endpoint.reason",
            ),
          },
        },
        next: "AlertFailure",
      },
      AlertDeployed: alert(audience, "model-deployed", facts, "Finished"),
      Finished: {
        type: "succeed",
        output: expression(construct({ ...facts, endpointConfigName: code("$deployment"), outcome: "deployed" })),
      },
      ...failureHandler(audience, "serve"),
    },
  };
}
