/** The serve workflow: deploys an approved model package to the endpoint, or rolls back to the previous version. */
import type { Place } from "../../names";
import { type Audience, alert, failureHandler } from "../../workflows/alerts";
import { code, construct } from "../../workflows/jsonata";
import {
  expression,
  failureOf,
  pause,
  type State,
  type TaskState,
  type Value,
  type Workflow,
} from "../../workflows/states";
import { callSageMaker, callService } from "../../workflows/tasks";
import { deploymentCalls, type ServeRequestArgs } from "./requests";
import { startScaling, stopScaling } from "./scaling";

export interface ServeWorkflowArgs extends ServeRequestArgs {
  place: Place;
  audience: Audience;
  /** ARN pattern of the pipeline's model packages. */
  modelPackageArns: string;
  /** Start of the names of models and endpoint configurations; version and timestamp follow. */
  namePrefix: string;
  /** Names of the alarms that roll back a deployment. */
  rollbackAlarms: readonly string[];
  pollSeconds: number;
}

/** Exceeds two deployments with the longest canary wait (3600 s): this one and the one it waits for. */
const timeoutSeconds = 8 * 3600;

/** True while the endpoint's status does not allow an update. */
const busy = "$endpoint.status in ['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting']";

function describeEndpoint(
  args: ServeWorkflowArgs,
  options: Pick<TaskState, "next" | "catch"> & Partial<Pick<TaskState, "retry">>,
): TaskState {
  return callSageMaker(
    "describeEndpoint",
    { EndpointName: args.endpoint.name },
    { on: [args.endpoint.arn] },
    {
      ...options,
      assign: {
        endpoint: {
          status: expression("$states.result.EndpointStatus"),
          config: expression("$states.result.EndpointConfigName"),
          reason: expression("$exists($states.result.FailureReason) ? $states.result.FailureReason : ''"),
        },
      },
    },
  );
}

/** Reads the current approval status of the version. */
function describeApproval(args: ServeWorkflowArgs, next: string): TaskState {
  return callSageMaker(
    "describeModelPackage",
    { ModelPackageName: expression("$package.arn") },
    { on: [args.modelPackageArns] },
    { assign: { approval: expression("$states.result.ModelApprovalStatus") }, next },
  );
}

/** Records a failure for the alert and for the result of the execution. */
function fail(step: string, error: string, cause: string, next = "AlertFailure"): State {
  return { type: "pass", assign: { failure: { step, error, cause: expression(cause) } }, next };
}

const version = "'Version ' & $string($package.version)";

/** Waits until the endpoint accepts an update, so that deployments of a pipeline run one after another. */
function turnStates(args: ServeWorkflowArgs): Record<string, State> {
  const none = { status: "None", config: "", reason: "" };
  return {
    FindEndpoint: describeEndpoint(args, {
      next: "EndpointReady",
      // SageMaker has no specific error for a missing endpoint, nor for throttling; EndpointMissing checks the message.
      retry: [],
      catch: [
        { errors: ["States.ALL"], assign: { ...failureOf("FindEndpoint"), endpoint: none }, next: "EndpointMissing" },
      ],
    }),
    EndpointMissing: {
      type: "choice",
      rules: [
        { when: "$contains($failure.cause, 'Could not find')", next: "DescribeApproval" },
        { when: "$contains($failure.cause, 'Rate exceeded')", next: "WaitForTurn" },
      ],
      otherwise: "AlertFailure",
    },
    EndpointReady: {
      type: "choice",
      rules: [
        { when: busy, next: "WaitForTurn" },
        // A Failed endpoint cannot be updated, so it is deleted and created again.
        { when: "$endpoint.status = 'Failed'", next: "DeleteEndpoint" },
      ],
      otherwise: "DescribeApproval",
    },
    DeleteEndpoint: callSageMaker(
      "deleteEndpoint",
      { EndpointName: args.endpoint.name },
      { on: [args.endpoint.arn] },
      { next: "WaitForTurn" },
    ),
    WaitForTurn: pause(args.pollSeconds, "FindEndpoint"),
    EndpointTaken: {
      type: "choice",
      rules: [{ when: "$contains($failure.cause, /in-progress|already exist|Rate exceeded/)", next: "WaitForTurn" }],
      otherwise: args.spec.serving.autoscaling === undefined ? "AlertFailure" : "ScaleAgain",
    },
    // The endpoint was not changed, and scales as before; a failure here would hide the cause of that.
    ...startScaling(args, ["ScaleAgain", "FollowRequestsAgain"], "AlertFailure", "AlertFailure"),
  };
}

/** Checks the approval again, then switches the endpoint. */
function switchStates(args: ServeWorkflowArgs): Record<string, State> {
  const alarmNames: Value = [...args.rollbackAlarms];
  // JSONata unwraps lists of one element; $append keeps them lists.
  const isQuiet = "function($name) { $not($name in $states.result.MetricAlarms.AlarmName) }";
  const guards = `$append([], $filter(${construct(args.rollbackAlarms)}, ${isQuiet}))`;
  return {
    DescribeApproval: describeApproval(args, "StillApproved"),
    StillApproved: {
      type: "choice",
      rules: [{ when: "$approval = 'Approved'", next: "FindAlarms" }],
      otherwise: "WithdrawnBefore",
    },
    WithdrawnBefore: fail(
      "StillApproved",
      "ApprovalWithdrawn",
      `${version} & ' became ' & $approval & ' before the endpoint was switched; the endpoint is unchanged.'`,
    ),
    FindAlarms: callService(
      "cloudwatch",
      "describeAlarms",
      { AlarmNames: alarmNames, StateValue: "ALARM" },
      [args.endpoint.alarmArns],
      {
        assign: {
          guards: expression(guards),
        },
        next: "EndpointExists",
      },
    ),
    EndpointExists: {
      type: "choice",
      rules: [{ when: "$endpoint.status = 'None'", next: "CreateEndpoint" }],
      otherwise: "StopScaling",
    },
    StopScaling: stopScaling(args, "UpdateEndpoint"),
    Wait: pause(args.pollSeconds, "DescribeEndpoint"),
    DescribeEndpoint: describeEndpoint(args, { next: "Settled" }),
    Settled: {
      type: "choice",
      rules: [
        { when: busy, next: "Wait" },
        { when: "$endpoint.status = 'InService' and $endpoint.config = $deployment", next: "ConfirmApproval" },
        { when: "$endpoint.status = 'InService' and $endpoint.config = $previous", next: settled(args) },
        { when: "$endpoint.status = 'InService'", next: "Superseded" },
      ],
      otherwise: "CannotServe",
    },
    RolledBack: fail(
      "Settled",
      "DeploymentRolledBack",
      `${version} & ' was rolled back; the endpoint still uses ' & $endpoint.config & '. ' & $endpoint.reason`,
      "AlertRolledBack",
    ),
    CannotServe: fail(
      "Settled",
      "EndpointFailed",
      `${version} & ' could not be deployed: the endpoint status is ' & $endpoint.status & '. ' & $endpoint.reason`,
    ),
  };
}

/** Restores the previous version when the new one was rejected during its deployment. */
function revertStates(args: ServeWorkflowArgs): Record<string, State> {
  return {
    ConfirmApproval: describeApproval(args, "Confirmed"),
    Confirmed: {
      type: "choice",
      rules: [
        { when: "$approval = 'Approved'", next: settled(args) },
        { when: "$previous = ''", next: "RemoveEndpoint" },
      ],
      otherwise: "RevertEndpoint",
    },
    // No version served before this one.
    RemoveEndpoint: callSageMaker(
      "deleteEndpoint",
      { EndpointName: args.endpoint.name },
      { on: [args.endpoint.arn] },
      { next: "Removed" },
    ),
    Removed: fail(
      "Confirmed",
      "ApprovalWithdrawn",
      `${version} & ' became ' & $approval & ' during its deployment; no version served before, so the endpoint was deleted.'`,
    ),
    WaitForRevert: pause(args.pollSeconds, "DescribeReverted"),
    DescribeReverted: describeEndpoint(args, { next: "Reverted" }),
    Reverted: {
      type: "choice",
      rules: [
        { when: busy, next: "WaitForRevert" },
        { when: "$endpoint.config = $deployment or $endpoint.status != 'InService'", next: "NotReverted" },
      ],
      otherwise: settled(args),
    },
    Withdrawn: fail(
      "Confirmed",
      "ApprovalWithdrawn",
      `${version} & ' became ' & $approval & ' during its deployment; the endpoint uses ' & $endpoint.config & ' again.'`,
    ),
    NotReverted: fail(
      "Reverted",
      "RevertFailed",
      `${version} & ' became ' & $approval & ' during its deployment, and the endpoint could not be restored to ' & $previous & ': its status is ' & $endpoint.status & '. ' & $endpoint.reason`,
    ),
  };
}

/** The state that follows once the endpoint serves what it is to serve: the new version or, rolled back or reverted, the one before. */
const settled = ({ spec }: ServeWorkflowArgs) => (spec.serving.autoscaling === undefined ? "Ended" : "Scale");

/** Lets the endpoint scale, whichever version it serves, and goes on to what became of this one. */
function settledStates(args: ServeWorkflowArgs): Record<string, State> {
  return {
    ...startScaling(args, ["Scale", "FollowRequests"], "Ended"),
    Ended: {
      type: "choice",
      rules: [
        { when: "$approval != 'Approved'", next: "Withdrawn" },
        { when: "$endpoint.config = $deployment", next: "AlertDeployed" },
      ],
      otherwise: "RolledBack",
    },
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
  const output = (outcome: string) =>
    expression(construct({ ...facts, endpointConfigName: code("$deployment"), outcome }));
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
              `'${args.namePrefix}v' & $string($states.result.ModelPackageVersion) & '-' & ${now}`,
            ),
            // The endpoint configuration before the switch; empty for the first version.
            // As an expression, because asl-validator takes no empty string, although Step Functions does.
            previous: expression("''"),
          },
          next: "Approved",
        },
      ),
      Approved: {
        type: "choice",
        rules: [{ when: "$package.status = 'Approved'", next: "CreateModel" }],
        otherwise: "NotApproved",
      },
      NotApproved: fail(
        "Approved",
        "NotApproved",
        `${version} & ' is ' & $package.status & '; only approved versions can be deployed.'`,
      ),
      ...turnStates(args),
      ...switchStates(args),
      ...deploymentCalls(args),
      ...revertStates(args),
      ...settledStates(args),
      AlertRolledBack: alert(
        audience,
        "deployment-rolled-back",
        { ...facts, reason: code("$failure.cause") },
        "Failed",
      ),
      AlertDeployed: alert(audience, "model-deployed", facts, "ServeFinished"),
      ServeFinished: { type: "succeed", output: output("deployed") },
      // A later deployment replaced this version immediately.
      Superseded: { type: "succeed", output: output("superseded") },
      ...failureHandler(audience, "serve"),
    },
  };
}
