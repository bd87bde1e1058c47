import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { alarm } from "../components/alarm";
import { EventTrigger } from "../components/event-trigger";
import { logGroup } from "../components/log-group";
import { NodeFunction } from "../components/node-function";
import { ServiceRole } from "../components/service-role";
import { StateMachine } from "../components/state-machine";
import { endpointLogGroup, pullImage, readAlarms, writeSageMakerLogs } from "../iam/sagemaker";
import { putMetrics, startExecutions } from "../iam/services";
import { decrypt, grantKey, listFolders, putObjects, readObjects, useKey } from "../iam/storage";
import { variantName, zoneFolder } from "../names";
import type { StageArgs } from "../platform";
import { deploymentWorkflow } from "../workflows/deployment";
import { audienceOf } from "./audience";
import type { Features } from "./features";
import type { Lake } from "./lake";
import type { Registry } from "./registry";

export interface ServeArgs extends StageArgs {
  lake: Lake;
  features: Features;
  registry: Registry;
}

/** Brings an approved version to the endpoint, and answers who asks for a prediction. */
export class Serve extends pulumi.ComponentResource {
  readonly deploymentArn: pulumi.Output<string>;
  readonly predictName: pulumi.Output<string>;
  readonly predictUrl: pulumi.Output<string>;

  constructor(name: string, args: ServeArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Serve", name, {}, options);
    const { platform, pipeline } = args;
    // Made here, not by SageMaker, so that it is encrypted and forgets.
    logGroup(`${name}-endpoint-logs`, endpointLogGroup(pipeline.names.endpoint), platform, { parent: this });
    const rollbackAlarms = endpointAlarms(name, args, this);
    const deployment = deploymentMachine(name, args, rollbackAlarms, this);
    this.deploymentArn = deployment.arn;
    startOnApproval(name, args, deployment, this);
    const predict = predictFunction(name, args, this);
    this.predictName = predict.name;
    this.predictUrl = new aws.lambda.FunctionUrl(
      `${name}-predict-url`,
      { functionName: predict.name, authorizationType: "AWS_IAM" },
      { parent: this },
    ).functionUrl;
    this.registerOutputs({ deploymentArn: this.deploymentArn, predictUrl: this.predictUrl });
  }
}

/** The alarms that people hear of, and that undo a deployment under way. */
function endpointAlarms(name: string, { platform, pipeline }: ServeArgs, parent: Serve): string[] {
  const { endpoint, prefix } = pipeline.names;
  const common = {
    namespace: "AWS/SageMaker",
    dimensions: { EndpointName: endpoint, VariantName: variantName },
    periodSeconds: 60,
    topicArn: platform.alertsTopicArn,
  };
  const errors = `${prefix}-endpoint-errors`;
  alarm(
    `${name}-errors`,
    {
      ...common,
      alarmName: errors,
      description: `The endpoint ${endpoint} answers with errors (5xx): see the log group ${endpointLogGroup(endpoint)}.`,
      metric: "Invocation5XXErrors",
      statistic: "Sum",
      threshold: 1,
    },
    { parent },
  );
  const latency = `${prefix}-endpoint-latency`;
  const limit = pipeline.spec.serving.latency_alarm_ms;
  alarm(
    `${name}-latency`,
    {
      ...common,
      alarmName: latency,
      description: `The model behind ${endpoint} takes ${limit} ms or longer for the slowest percent of its answers.`,
      metric: "ModelLatency",
      statistic: "p99",
      // SageMaker measures in microseconds.
      threshold: limit * 1000,
      periods: 3,
    },
    { parent },
  );
  return [errors, latency];
}

function deploymentMachine(
  name: string,
  args: ServeArgs,
  rollbackAlarms: readonly string[],
  parent: Serve,
): StateMachine {
  const { platform, pipeline } = args;
  const { spec, names } = pipeline;
  const captures = zoneFolder("capture", spec.name);
  const role = new ServiceRole(
    `${name}-endpoint`,
    {
      roleName: `${names.prefix}-endpoint`,
      service: "sagemaker.amazonaws.com",
      accountId: platform.place.accountId,
      description: "SageMaker: serves a model and keeps what it was asked",
      statements: [
        ...pullImage(platform.config.trainingImage),
        readObjects("Models", platform.lake.arn, [`${zoneFolder("models", spec.name)}*`]),
        readObjects("Source", platform.code.arn, ["model/*"]),
        listFolders("Lake", platform.lake.arn, [zoneFolder("models", spec.name), captures]),
        listFolders("Source", platform.code.arn, ["model/"]),
        putObjects("Captures", platform.lake.arn, [`${captures}*`]),
        useKey("Data", platform.dataKeyArn),
        ...grantKey("Data", platform.dataKeyArn),
        writeSageMakerLogs(platform.place, `Endpoints/${names.endpoint}`),
        putMetrics("/aws/sagemaker/Endpoints"),
        readAlarms(platform.place, names.prefix),
      ],
    },
    { parent },
  );
  return new StateMachine(
    `${name}-deployment`,
    {
      platform,
      machineName: names.deploymentMachine,
      workflow: deploymentWorkflow({
        spec,
        audience: audienceOf(args),
        endpointName: names.endpoint,
        namePrefix: names.prefix,
        arns: names.made,
        alarmArns: `arn:aws:cloudwatch:${platform.place.region}:${platform.place.accountId}:alarm:${names.prefix}-*`,
        roleArn: role.arn,
        keyArn: platform.dataKeyArn,
        captureUri: `s3://${platform.lake.name}/${captures}`,
        rollbackAlarms,
        canaryWaitSeconds: platform.config.canaryWaitSeconds ?? spec.serving.canary_wait_seconds,
        pollSeconds: platform.config.deploymentPollSeconds,
      }),
    },
    { parent },
  );
}

function startOnApproval(name: string, args: ServeArgs, deployment: StateMachine, parent: Serve): void {
  const { platform, pipeline, lake, registry } = args;
  const start = new NodeFunction(
    `${name}-start`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-serve-start`,
      handler: "serve-start",
      description: `${pipeline.spec.name}: starts the deployment of an approved version`,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        DEPLOYMENT_STATE_MACHINE_ARN: deployment.arn,
        MODEL_PACKAGE_GROUP: registry.groupName,
      },
      statements: [startExecutions(deployment.arn)],
      deadLetters: lake.deadLetters,
      timeoutSeconds: 30,
      memoryMegabytes: 256,
    },
    { parent },
  );
  new EventTrigger(
    `${name}-approved`,
    {
      ruleName: `${pipeline.names.prefix}-approved`,
      description: `${pipeline.spec.name}: a model version was approved`,
      pattern: {
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        detail: { ModelPackageGroupName: [registry.groupName], ModelApprovalStatus: ["Approved"] },
      },
      target: start,
      deadLetters: lake.deadLetters,
    },
    { parent },
  );
}

function predictFunction(name: string, { platform, pipeline, lake, features }: ServeArgs, parent: Serve): NodeFunction {
  return new NodeFunction(
    `${name}-predict`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-serve-predict`,
      handler: "serve-predict",
      description: `${pipeline.spec.name}: the score of one ${pipeline.spec.entity}`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        FEATURE_GROUP: features.groupName,
        ENDPOINT_NAME: pipeline.names.endpoint,
      },
      statements: [
        { sid: "ReadFeatures", actions: ["sagemaker:GetRecord"], resources: [features.groupArn] },
        // The online store is encrypted with our key, and decrypts for whoever reads it.
        decrypt("Features", platform.dataKeyArn),
        { sid: "AskModel", actions: ["sagemaker:InvokeEndpoint"], resources: [pipeline.names.made.endpoint] },
      ],
      deadLetters: lake.deadLetters,
      timeoutSeconds: 15,
      memoryMegabytes: 512,
    },
    { parent },
  );
}
