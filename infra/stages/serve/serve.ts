import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Graph } from "../../components/dashboard";
import { logGroup } from "../../components/log-group";
import { NodeFunction } from "../../components/node-function";
import { ServiceRole } from "../../components/service-role";
import { StateMachine } from "../../components/state-machine";
import { instanceCount } from "../../config";
import { logInToRegistry, pullImage, writeSageMakerLogs } from "../../iam/sagemaker";
import { putMetrics } from "../../iam/services";
import { grantKey, useKey } from "../../iam/storage";
import type { Dataset } from "../../lake/dataset";
import type { AsynchronousStageArgs } from "../../platform";
import { audienceOf } from "../../workflows/alerts";
import type { FeatureGroup } from "../features/feature-group";
import type { ModelVersions } from "../registry/model-versions";
import { endpointAlarms, fullAlarm, idleAlarm, predictAlarm } from "./alarms";
import { startOnApproval } from "./approval";
import type { Endpoint } from "./endpoint";
import { serveGraphs } from "./graphs";
import { serveWorkflow } from "./workflow";

export interface ServeArgs extends AsynchronousStageArgs {
  modelVersions: ModelVersions;
  featureGroup: FeatureGroup;
  endpoint: Endpoint;
  /** The feature state names the newest day whose features are online. */
  reads: { models: Dataset; featureState: Dataset };
  writes: { captures: Dataset };
}

/** The serve stage: deploys approved model versions to the endpoint and answers prediction requests. */
export class Serve extends pulumi.ComponentResource {
  readonly machine: StateMachine;
  readonly endpoint: Endpoint;
  readonly captures: Dataset;
  readonly predictFunction: NodeFunction;
  readonly predictUrl: pulumi.Output<string>;
  readonly functions: NodeFunction[];
  readonly graphs: Graph[];

  constructor(name: string, args: ServeArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Serve", name, {}, options);
    const { platform, endpoint } = args;
    this.endpoint = endpoint;
    this.captures = args.writes.captures;
    // SageMaker would create this log group unencrypted and without a retention period.
    logGroup(`${name}-endpoint-logs`, endpoint.logGroup, platform, { parent: this });
    this.machine = serveMachine(name, args, endpointAlarms(name, args, this), this);
    const starters = startOnApproval(name, args, this.machine, this);
    const predictName = `${args.pipeline.names.prefix}-serve-predict`;
    this.predictFunction = predictFunction(name, predictName, args, this);
    predictAlarm(name, args, predictName, this);
    idleAlarm(name, args, this);
    fullAlarm(name, args, this);
    this.predictUrl = new aws.lambda.FunctionUrl(
      `${name}-predict-url`,
      { functionName: this.predictFunction.name, authorizationType: "AWS_IAM" },
      { parent: this },
    ).functionUrl;
    this.functions = [...starters, this.predictFunction];
    this.graphs = serveGraphs(args, predictName);
    this.registerOutputs({ machineArn: this.machine.arn, predictUrl: this.predictUrl });
  }
}

/** The execution role of the endpoint's models. */
function endpointRole(name: string, args: ServeArgs, parent: Serve): ServiceRole {
  const { platform, pipeline, endpoint, reads, writes } = args;
  return new ServiceRole(
    `${name}-endpoint`,
    {
      roleName: `${pipeline.names.prefix}-endpoint`,
      service: "sagemaker.amazonaws.com",
      accountId: platform.place.accountId,
      description: "SageMaker endpoint: serves a model and captures its requests",
      statements: [
        logInToRegistry,
        pullImage(platform.config.modelImage),
        ...reads.models.read,
        ...writes.captures.write,
        writes.captures.list,
        useKey("Data", platform.dataKeyArn),
        ...grantKey("Data", platform.dataKeyArn),
        writeSageMakerLogs(platform.place, `Endpoints/${endpoint.name}`),
        putMetrics("/aws/sagemaker/Endpoints"),
        endpoint.readAlarms,
        ...(platform.network?.containerStatements ?? []),
      ],
    },
    { parent },
  );
}

function serveMachine(name: string, args: ServeArgs, rollbackAlarms: readonly string[], parent: Serve): StateMachine {
  const { platform, pipeline, endpoint, modelVersions, writes } = args;
  const { spec, names } = pipeline;
  return new StateMachine(
    name,
    {
      platform,
      machineName: names.serveMachine,
      workflow: serveWorkflow({
        spec,
        place: platform.place,
        audience: audienceOf(args),
        endpoint,
        modelPackageArns: modelVersions.packageArns,
        namePrefix: names.madePrefix,
        roleArn: endpointRole(name, args, parent).arn,
        keyArn: platform.dataKeyArn,
        vpcConfig: platform.network?.containerConfig,
        captureUri: writes.captures.uri,
        rollbackAlarms,
        canaryWaitSeconds: platform.config.canaryWaitSeconds ?? spec.serving.canary_wait_seconds,
        instanceCount: instanceCount(platform.config, spec),
        pollSeconds: platform.config.deploymentPollSeconds,
      }),
    },
    { parent },
  );
}

function predictFunction(name: string, functionName: string, args: ServeArgs, parent: Serve): NodeFunction {
  const { platform, pipeline, featureGroup, endpoint, deadLetters, reads } = args;
  return new NodeFunction(
    `${name}-predict`,
    {
      platform,
      functionName,
      handler: "serve-predict",
      description: `${pipeline.spec.name}: predicts for one ${pipeline.spec.entity}`,
      spec: pipeline.spec,
      environment: {
        DAYBREAK_PIPELINE: pipeline.spec.name,
        FEATURE_GROUP: featureGroup.groupName,
        ENDPOINT_NAME: endpoint.name,
      },
      // GetRecord decrypts the online store with the caller's KMS permissions: those for reading the dataset.
      reads: [reads.featureState.only("computed.json")],
      statements: [featureGroup.getRecord, endpoint.invoke],
      deadLetters,
      timeoutSeconds: 15,
      memoryMegabytes: 512,
    },
    { parent },
  );
}
