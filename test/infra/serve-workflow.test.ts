import { describe, expect, it } from "@jest/globals";
import { alertMessage } from "../../contracts/alert-message";
import { serveOutput } from "../../contracts/serve-execution";
import { pipelineNames } from "../../infra/names";
import { Endpoint } from "../../infra/stages/serve/endpoint";
import { serveWorkflow } from "../../infra/stages/serve/workflow";
import { permissions } from "../../infra/workflows/permissions";
import { type Call, runWorkflow, ServiceError } from "./support/run-workflow";
import { makeSpec } from "./support/spec";

const audience = { environment: "dev", pipeline: "shop", topic: { arn: "topic-arn", keyArn: "messages-key" } };
const place = { environment: "dev", region: "us-east-1", accountId: "123456789012" };
const endpoint = new Endpoint(place, pipelineNames(place, "shop"));
const deployment = "daybreak-dev-shop--v7-20260102030405";

function make(serving: Record<string, unknown> = {}, instanceCount = 2) {
  return serveWorkflow({
    place,
    spec: makeSpec("shop", { serving: { canary_percent: 25, ...serving } }),
    audience,
    endpoint,
    modelPackageArns: "packages-arn",
    namePrefix: "daybreak-dev-shop--",
    roleArn: "endpoint-role",
    keyArn: "data-key",
    captureUri: "s3://lake/captures/shop",
    rollbackAlarms: ["errors", "latency"],
    canaryWaitSeconds: 60,
    instanceCount,
    pollSeconds: 5,
  });
}

type Answer =
  | { EndpointStatus: string; EndpointConfigName: string; FailureReason?: string }
  | "missing"
  | "forbidden"
  | "throttled";

/** SageMaker's throttling as the SDK integration reports it: by its generic error. */
const throttled = "Rate exceeded (Service: SageMaker, Status Code: 400, Request ID: 1)";

interface Situation {
  /** The approval status: at the start, before the switch, at the end. The last one stays. */
  approvals?: readonly string[];
  /** The alarms that are in ALARM before the switch. */
  ringing?: readonly string[];
  /** Errors of UpdateEndpoint or CreateEndpoint, one after the other, before one succeeds. */
  refusals?: readonly string[];
}

/** SageMaker and CloudWatch, with what describing the endpoint gives, one answer after the other. */
function services(endpoints: readonly Answer[], { approvals = [], ringing = [], refusals = [] }: Situation = {}) {
  const left = [...endpoints];
  const statuses = [...approvals];
  const errors = [...refusals];
  let status = "Approved";
  return ({ state }: Call): unknown => {
    if (["DescribePackage", "DescribeApproval", "ConfirmApproval"].includes(state)) {
      status = statuses.shift() ?? status;
      return { ModelPackageArn: "package-arn", ModelPackageVersion: 7, ModelApprovalStatus: status };
    }
    if (state === "FindAlarms") return { MetricAlarms: ringing.map((AlarmName) => ({ AlarmName })) };
    if (state === "UpdateEndpoint" || state === "CreateEndpoint") {
      const refusal = errors.shift();
      if (refusal !== undefined) throw new ServiceError("SageMaker.SageMakerException", refusal);
    }
    if (!["FindEndpoint", "DescribeEndpoint", "DescribeReverted"].includes(state)) return {};
    const answer = left.shift();
    if (answer === "missing") {
      throw new ServiceError("SageMaker.SageMakerException", 'Could not find endpoint "daybreak-dev-shop".');
    }
    if (answer === "forbidden") throw new ServiceError("SageMaker.SageMakerException", "AccessDenied");
    if (answer === "throttled") throw new ServiceError("SageMaker.SageMakerException", throttled);
    return answer;
  };
}

const is = (EndpointStatus: string, EndpointConfigName = "old", FailureReason?: string): Answer => ({
  EndpointStatus,
  EndpointConfigName,
  ...(FailureReason === undefined ? {} : { FailureReason }),
});
const input = { modelPackageArn: "package-arn" };
const deploy = (endpoints: readonly Answer[], situation?: Situation) =>
  runWorkflow(make(), input, services(endpoints, situation));
const argumentsOf = (calls: readonly Call[], state: string) => calls.find((call) => call.state === state)?.arguments;
const messageOf = (calls: readonly Call[], state: string) =>
  alertMessage.parse(JSON.parse(String(argumentsOf(calls, state)?.Message)));

describe("the serve workflow", () => {
  it("creates the endpoint for the first version and waits until it is in service", async () => {
    const { path, output, calls } = await deploy(["missing", is("Creating", deployment), is("InService", deployment)]);
    expect(path).toEqual([
      "DescribePackage",
      "Approved",
      "CreateModel",
      "CreateEndpointConfig",
      "FindEndpoint",
      "EndpointMissing",
      "DescribeApproval",
      "StillApproved",
      "FindAlarms",
      "EndpointExists",
      "CreateEndpoint",
      "Wait",
      "DescribeEndpoint",
      "Settled",
      "Wait",
      "DescribeEndpoint",
      "Settled",
      "ConfirmApproval",
      "Confirmed",
      "Ended",
      "AlertDeployed",
      "ServeFinished",
    ]);
    expect(serveOutput.parse(output)).toEqual({
      version: 7,
      modelPackageArn: "package-arn",
      endpointName: "daybreak-dev-shop",
      endpointConfigName: deployment,
      outcome: "deployed",
    });
    expect(messageOf(calls, "AlertDeployed")).toMatchObject({
      kind: "model-deployed",
      version: 7,
      modelPackageArn: "package-arn",
      endpointName: "daybreak-dev-shop",
    });
  });

  it("deploys the model package with encrypted storage and data capture", async () => {
    const { calls } = await deploy(["missing", is("InService", deployment)]);
    expect(argumentsOf(calls, "CreateModel")).toMatchObject({
      ModelName: deployment,
      ExecutionRoleArn: "endpoint-role",
      PrimaryContainer: { ModelPackageName: "package-arn", Environment: { DAYBREAK_MODEL_VERSION: "7" } },
      EnableNetworkIsolation: true,
    });
    expect(argumentsOf(calls, "CreateEndpointConfig")).toEqual({
      EndpointConfigName: deployment,
      ProductionVariants: [
        {
          VariantName: "live",
          ModelName: deployment,
          InitialInstanceCount: 2,
          InstanceType: "ml.m5.large",
          InitialVariantWeight: 1,
        },
      ],
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        DestinationS3Uri: "s3://lake/captures/shop",
        KmsKeyId: "data-key",
        CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
        CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
      },
      KmsKeyId: "data-key",
      Tags: [{ Key: "daybreak:version", Value: "7" }],
    });
  });

  it("updates a running endpoint with a canary and rollback alarms", async () => {
    const { path, calls } = await deploy([is("InService"), is("Updating"), is("InService", deployment)]);
    expect(path).toContain("UpdateEndpoint");
    expect(path).not.toContain("CreateEndpoint");
    expect(argumentsOf(calls, "UpdateEndpoint")).toEqual({
      EndpointName: "daybreak-dev-shop",
      EndpointConfigName: deployment,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: "CANARY",
            CanarySize: { Type: "CAPACITY_PERCENT", Value: 25 },
            WaitIntervalInSeconds: 60,
          },
          TerminationWaitInSeconds: 0,
        },
        AutoRollbackConfiguration: { Alarms: [{ AlarmName: "errors" }, { AlarmName: "latency" }] },
      },
    });
  });

  it("updates a single instance at once, because a canary is limited to half of the fleet", async () => {
    const { calls } = await runWorkflow(make({}, 1), input, services([is("InService"), is("InService", deployment)]));
    expect(argumentsOf(calls, "UpdateEndpoint")).toMatchObject({
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 60 },
        },
      },
    });
  });

  it("publishes an alert and fails if the alarms rolled the deployment back", async () => {
    const { path, failure, calls } = await deploy([
      is("InService"),
      is("RollingBack"),
      is("InService", "old", "Alarm errors fired."),
    ]);
    expect(path.slice(-4)).toEqual(["Ended", "RolledBack", "AlertRolledBack", "Failed"]);
    expect(failure).toEqual({
      error: "DeploymentRolledBack",
      cause: "Version 7 was rolled back; the endpoint still uses old. Alarm errors fired.",
    });
    expect(messageOf(calls, "AlertRolledBack")).toMatchObject({
      kind: "deployment-rolled-back",
      version: 7,
      reason: "Version 7 was rolled back; the endpoint still uses old. Alarm errors fired.",
    });
  });

  it("reports why an endpoint could not start", async () => {
    const { failure, calls } = await deploy(["missing", is("Failed", deployment, "no /ping")]);
    expect(failure).toEqual({
      error: "EndpointFailed",
      cause: "Version 7 could not be deployed: the endpoint status is Failed. no /ping",
    });
    expect(messageOf(calls, "AlertFailure")).toMatchObject({
      kind: "workflow-failed",
      workflow: "serve",
      step: "Settled",
      cause: "Version 7 could not be deployed: the endpoint status is Failed. no /ping",
    });
  });

  it("deletes an endpoint that never started and creates it again", async () => {
    const { path } = await deploy([is("Failed"), is("Deleting"), "missing", is("InService", deployment)]);
    expect(path.filter((state) => /Endpoint$/.test(state))).toEqual([
      "FindEndpoint",
      "DeleteEndpoint",
      "FindEndpoint",
      "FindEndpoint",
      "CreateEndpoint",
      "DescribeEndpoint",
    ]);
  });

  it("waits for a deployment in progress", async () => {
    const { path } = await deploy([is("Updating", "other"), is("InService", "other"), is("InService", deployment)]);
    expect(path.slice(4, 10)).toEqual([
      "FindEndpoint",
      "EndpointReady",
      "WaitForTurn",
      "FindEndpoint",
      "EndpointReady",
      "DescribeApproval",
    ]);
    expect(path).toContain("UpdateEndpoint");
  });

  it.each(["PendingManualApproval", "Rejected"])("does not deploy a version that is %s", async (status) => {
    const { path, failure } = await deploy([], { approvals: [status] });
    expect(path).toEqual(["DescribePackage", "Approved", "NotApproved", "AlertFailure", "Failed"]);
    expect(failure).toEqual({
      error: "NotApproved",
      cause: `Version 7 is ${status}; only approved versions can be deployed.`,
    });
  });

  it("fails if describing the endpoint fails with any other error", async () => {
    const { path, failure } = await deploy(["forbidden"]);
    expect(path.slice(-3)).toEqual(["EndpointMissing", "AlertFailure", "Failed"]);
    expect(failure).toEqual({ error: "SageMaker.SageMakerException", cause: "AccessDenied" });
  });

  it("waits when another deployment has started since the endpoint was described", async () => {
    const { path, output } = await deploy(
      [is("InService", "old"), is("Updating", "other"), is("InService", "other"), is("InService", deployment)],
      { refusals: ['Cannot update in-progress endpoint "shop".'] },
    );
    expect(path.filter((state) => /^(EndpointTaken|UpdateEndpoint|WaitForTurn)$/.test(state))).toEqual([
      "UpdateEndpoint",
      "EndpointTaken",
      "WaitForTurn",
      "WaitForTurn",
      "UpdateEndpoint",
    ]);
    expect(output).toMatchObject({ outcome: "deployed" });
  });

  it("updates the endpoint when another deployment has created it meanwhile", async () => {
    const { path, output } = await deploy(
      ["missing", is("Creating", "other"), is("InService", "other"), is("InService", deployment)],
      { refusals: ["Cannot create already existing endpoint"] },
    );
    expect(path).toContain("UpdateEndpoint");
    expect(output).toMatchObject({ outcome: "deployed" });
  });

  it("goes on when one of its requests is throttled, whichever it is", async () => {
    const { output, path, calls } = await deploy(
      [
        "throttled",
        is("InService", "old"),
        is("InService", "old"),
        "throttled",
        "throttled",
        is("InService", deployment),
      ],
      { refusals: [throttled] },
    );
    expect(path).toContain("EndpointTaken");
    expect(output).toMatchObject({ outcome: "deployed" });
    expect(calls.filter(({ state }) => state === "UpdateEndpoint")).toHaveLength(2);
  });

  it("fails on any other error of the switch", async () => {
    const { failure, path } = await deploy([is("InService")], { refusals: ["AccessDenied"] });
    expect(path.slice(-3)).toEqual(["EndpointTaken", "AlertFailure", "Failed"]);
    expect(failure).toEqual({ error: "SageMaker.SageMakerException", cause: "AccessDenied" });
  });

  it("ends as superseded when a later deployment replaced its version immediately", async () => {
    const { output } = await deploy([is("InService", "old"), is("Updating", "later"), is("InService", "later")]);
    expect(serveOutput.parse(output)).toMatchObject({ outcome: "superseded", version: 7 });
  });

  it("leaves the endpoint unchanged when the approval is withdrawn while it waits", async () => {
    const { path, failure } = await deploy([is("Updating", "other"), is("InService", "other")], {
      approvals: ["Approved", "Rejected"],
    });
    expect(path).not.toContain("UpdateEndpoint");
    expect(failure).toEqual({
      error: "ApprovalWithdrawn",
      cause: "Version 7 became Rejected before the endpoint was switched; the endpoint is unchanged.",
    });
  });

  it("restores the previous version when the approval is withdrawn during the switch", async () => {
    const { path, failure, calls } = await deploy(
      [is("InService", "old"), is("InService", deployment), is("Updating", deployment), is("InService", "old")],
      { approvals: ["Approved", "Approved", "Rejected"] },
    );
    expect(path).not.toContain("AlertDeployed");
    expect(argumentsOf(calls, "RevertEndpoint")).toEqual({
      EndpointName: "daybreak-dev-shop",
      EndpointConfigName: "old",
    });
    expect(failure).toEqual({
      error: "ApprovalWithdrawn",
      cause: "Version 7 became Rejected during its deployment; the endpoint uses old again.",
    });
  });

  it("reports that it could not restore the previous version", async () => {
    const { failure } = await deploy(
      [is("InService", "old"), is("InService", deployment), is("Failed", deployment, "no capacity")],
      { approvals: ["Approved", "Approved", "Rejected"] },
    );
    expect(failure).toMatchObject({ error: "RevertFailed", cause: expect.stringContaining("no capacity") });
  });

  it("deletes the endpoint of a first version whose approval is withdrawn", async () => {
    const { path, failure } = await deploy(["missing", is("InService", deployment)], {
      approvals: ["Approved", "Approved", "Rejected"],
    });
    expect(path).toContain("RemoveEndpoint");
    expect(failure).toMatchObject({ error: "ApprovalWithdrawn" });
  });

  it.each([
    [["errors"], [{ AlarmName: "latency" }]],
    [["errors", "latency"], undefined],
  ])("does not use %j for rollback when they are in ALARM before the switch", async (ringing, alarms) => {
    const { calls } = await deploy([is("InService"), is("InService", deployment)], { ringing });
    const { DeploymentConfig } = argumentsOf(calls, "UpdateEndpoint") as {
      DeploymentConfig: { AutoRollbackConfiguration?: { Alarms: unknown } };
    };
    expect(DeploymentConfig.AutoRollbackConfiguration?.Alarms).toEqual(alarms);
    expect(argumentsOf(calls, "FindAlarms")).toEqual({ AlarmNames: ["errors", "latency"], StateValue: "ALARM" });
  });

  it("can pass the endpoint's role only to SageMaker and can read the rollback alarms", () => {
    const granted = permissions(make());
    const of = (action: string) => granted.filter((statement) => statement.actions.includes(action));
    expect(of("iam:PassRole")).toEqual([
      expect.objectContaining({
        resources: ["endpoint-role"],
        conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
      }),
    ]);
    for (const statement of of("cloudwatch:DescribeAlarms")) expect(statement.resources).toEqual([endpoint.alarmArns]);
    expect(of("sagemaker:UpdateEndpoint")).toEqual([
      expect.objectContaining({ resources: [endpoint.arn, endpoint.configArns] }),
    ]);
    expect(granted.flatMap(({ actions }) => actions).filter((action) => action.includes("ModelPackage"))).toEqual([
      "sagemaker:DescribeModelPackage",
    ]);
  });
});

describe("an endpoint that grows with its requests", () => {
  const scaled = make({ autoscaling: { max_instances: 6, requests_per_instance: 600 } });
  const variant = "endpoint/daybreak-dev-shop/variant/live";
  const target = {
    ServiceNamespace: "sagemaker",
    ResourceId: variant,
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
  };
  const scaling = (calls: readonly Call[]) =>
    calls.filter(({ resource }) => /autoscaling|Endpoint$/.test(resource)).map(({ state }) => state);
  const asTarget = (isTarget: boolean, answer: (call: Call) => unknown) => (call: Call) => {
    if (call.state === "StopScaling" && !isTarget) {
      throw new ServiceError("ApplicationAutoScaling.ObjectNotFoundException", "No scalable target found");
    }
    return answer(call);
  };

  it("is registered once it serves, with a policy on the requests that an instance gets", async () => {
    const { calls, output } = await runWorkflow(scaled, input, services(["missing", is("InService", deployment)]));
    expect(calls.map(({ state }) => state).slice(-5)).toEqual([
      ...["DescribeEndpoint", "ConfirmApproval", "Scale", "FollowRequests", "AlertDeployed"],
    ]);
    expect(argumentsOf(calls, "Scale")).toEqual({ ...target, MinCapacity: 2, MaxCapacity: 6 });
    expect(argumentsOf(calls, "FollowRequests")).toEqual({
      ...target,
      PolicyName: "daybreak-dev-shop-requests",
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 600,
        PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
      },
    });
    expect(output).toMatchObject({ outcome: "deployed" });
  });

  it.each([true, false])(
    "is no target (it was: %s) while another version takes over, at the size it has grown to",
    async (was) => {
      const answers = services([is("InService"), is("InService", deployment)]);
      const { calls, output } = await runWorkflow(scaled, input, asTarget(was, answers));
      expect(scaling(calls)).toEqual([
        ...["FindEndpoint", "StopScaling", "UpdateEndpoint", "DescribeEndpoint", "Scale", "FollowRequests"],
      ]);
      expect(argumentsOf(calls, "StopScaling")).toEqual(target);
      expect(argumentsOf(calls, "UpdateEndpoint")).toMatchObject({ RetainAllVariantProperties: true });
      expect(output).toMatchObject({ outcome: "deployed" });
    },
  );

  it("scales again after a rollback, before the alert", async () => {
    const rolledBack = services([is("InService"), is("InService", "old", "Alarm errors fired.")]);
    const { calls, failure } = await runWorkflow(scaled, input, rolledBack);
    expect(calls.map(({ state }) => state).slice(-3)).toEqual(["Scale", "FollowRequests", "AlertRolledBack"]);
    expect(failure).toMatchObject({ error: "DeploymentRolledBack" });
  });

  it("scales again when the version before is back, because the approval was withdrawn", async () => {
    const answers = [is("InService", "old"), is("InService", deployment), is("InService", "old")];
    const withdrawn = services(answers, { approvals: ["Approved", "Approved", "Rejected"] });
    const { calls, failure } = await runWorkflow(scaled, input, withdrawn);
    expect(calls.map(({ state }) => state).slice(-4)).toEqual([
      ...["DescribeReverted", "Scale", "FollowRequests", "AlertFailure"],
    ]);
    expect(argumentsOf(calls, "RevertEndpoint")).toMatchObject({ RetainAllVariantProperties: true });
    expect(failure).toMatchObject({ error: "ApprovalWithdrawn" });
  });

  it.each([false, true])(
    "scales again if the update is refused, and the alert says why (scaling fails, too: %s)",
    async (fails) => {
      const refused = services([is("InService")], { refusals: ["AccessDenied"] });
      const { calls, failure } = await runWorkflow(scaled, input, (call) => {
        if (fails && call.state === "ScaleAgain")
          throw new ServiceError("ApplicationAutoScaling.ValidationException", "no");
        return refused(call);
      });
      expect(calls.map(({ state }) => state).slice(-2)).toEqual([
        fails ? "ScaleAgain" : "FollowRequestsAgain",
        "AlertFailure",
      ]);
      expect(failure).toEqual({ error: "SageMaker.SageMakerException", cause: "AccessDenied" });
    },
  );

  it("stops scaling where pipeline.yaml has no autoscaling any more", async () => {
    const { calls } = await deploy([is("InService"), is("InService", deployment)]);
    expect(scaling(calls)).toEqual(["FindEndpoint", "StopScaling", "UpdateEndpoint", "DescribeEndpoint"]);
    expect(argumentsOf(calls, "UpdateEndpoint")).not.toHaveProperty("RetainAllVariantProperties");
  });

  it("needs permissions for endpoints alone, and for the alarms of its own policy", () => {
    const own = permissions(scaled);
    const scalers = own.filter(({ actions }) =>
      actions.some((action) => action.startsWith("application-autoscaling:")),
    );
    expect(scalers.flatMap(({ actions }) => actions).sort()).toEqual(
      ["Deregister", "Register"]
        .map((verb) => `application-autoscaling:${verb}ScalableTarget`)
        .concat("application-autoscaling:PutScalingPolicy")
        .sort(),
    );
    for (const { conditions } of scalers) {
      expect(conditions).toMatchObject({ StringEquals: { "application-autoscaling:service-namespace": "sagemaker" } });
    }
    for (const action of ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"]) {
      const { resources } = own.find(({ actions }) => actions.includes(action)) ?? {};
      expect(resources).toEqual([`arn:aws:cloudwatch:us-east-1:123456789012:alarm:TargetTracking-${variant}-*`]);
    }
  });
});
