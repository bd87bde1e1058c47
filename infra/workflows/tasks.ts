/** Task states for workflows. Each one includes the permissions that it needs. */
import type * as pulumi from "@pulumi/pulumi";
import type { Place } from "../names";
import type { Catch, Grant, Retry, TaskState, Value } from "./states";

/** Options that every task has. */
interface Options {
  next: string;
  assign?: Readonly<Record<string, Value>>;
  output?: Value;
  catch?: readonly Catch[];
  timeoutSeconds?: number;
  handled?: boolean;
  /** In place of the service's own. */
  retry?: readonly Retry[];
}

const transient = (errors: readonly string[]): Retry => ({
  errors,
  firstDelaySeconds: 2,
  attempts: 4,
  maxDelaySeconds: 60,
});

/**
 * The errors of a service that may pass, among them its generic one: throttling that the API does not model arrives as that, such
 * as "Rate exceeded" of SageMaker. A permanent error of that name fails half a minute later.
 *
 * @param generic `SageMakerException` of the SDK integrations, `AmazonSageMakerException` of the optimized ones
 */
const retryOf = (prefix: string, generic: string, ...errors: readonly string[]): Retry =>
  transient([generic, "SdkClientException", ...errors].map((error) => `${prefix}.${error}`));

const lambdaRetry = transient([
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
]);

/** For rare errors of which most are permanent: 2 attempts only. */
const general = (errors: readonly string[]): Retry => ({ ...transient(errors), attempts: 2 });

/** A Lambda whose process ended, or that took too long. It may have done its work already, so a second attempt must change nothing. */
const lambdaEndedRetry = general(["Runtime.ExitError", "Sandbox.Timedout", "Lambda.Unknown"]);

const glueRetry = retryOf(
  "Glue",
  "AWSGlueException",
  "ThrottlingException",
  "InternalServiceException",
  "OperationTimeoutException",
  "ResourceNumberLimitExceededException",
);

/** The Glue jobs allow one run at a time. Executions take turns; this is for a run that was started by hand. */
const glueTurnRetry: Retry = {
  errors: ["Glue.ConcurrentRunsExceededException"],
  firstDelaySeconds: 30,
  attempts: 8,
  maxDelaySeconds: 600,
};

const snsRetry = retryOf(
  "SNS",
  "AmazonSNSException",
  "InternalErrorException",
  "ThrottledException",
  "KMSThrottlingException",
);

function task(
  resource: string,
  options: Options,
  rest: Pick<TaskState, "arguments" | "retry" | "grants"> & { timeoutSeconds: number },
): TaskState {
  return {
    type: "task",
    resource,
    arguments: rest.arguments,
    retry: options.retry ?? rest.retry,
    grants: rest.grants,
    timeoutSeconds: options.timeoutSeconds ?? rest.timeoutSeconds,
    handled: options.handled ?? true,
    next: options.next,
    ...(options.assign === undefined ? {} : { assign: options.assign }),
    ...(options.output === undefined ? {} : { output: options.output }),
    ...(options.catch === undefined ? {} : { catch: options.catch }),
  };
}

/** Invokes a Lambda and waits for its response, which is in `$states.result.Payload`. */
export function invoke(functionArn: pulumi.Input<string>, payload: Value, options: Options): TaskState {
  return task("arn:aws:states:::lambda:invoke", options, {
    arguments: { FunctionName: functionArn, Payload: payload },
    retry: [lambdaRetry, lambdaEndedRetry],
    timeoutSeconds: 900,
    grants: [{ actions: ["lambda:InvokeFunction"], resources: [functionArn] }],
  });
}

/** A Glue job, and after how many minutes Glue stops a run of it. */
export interface Job {
  name: pulumi.Input<string>;
  arn: pulumi.Input<string>;
  timeoutMinutes: number;
}

/** Runs a Glue job and waits for it to finish. */
export function runGlueJob(job: Job, jobArguments: Readonly<Record<string, Value>>, options: Options): TaskState {
  return task("arn:aws:states:::glue:startJobRun.sync", options, {
    arguments: { JobName: job.name, Arguments: jobArguments },
    retry: [glueTurnRetry, glueRetry],
    // Longer than the job's own limit, with which Glue stops it and says why.
    timeoutSeconds: (job.timeoutMinutes + 15) * 60,
    grants: [
      {
        actions: ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"],
        resources: [job.arn],
      },
    ],
  });
}

export interface SageMakerJob {
  /** The arguments of CreateTrainingJob or CreateProcessingJob. */
  request: Value;
  /** Pattern of the ARNs of the jobs that the state creates. */
  jobArns: string;
  roleArn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  region: string;
  accountId: string;
}

const jobKinds = {
  TrainingJob: { resource: "createTrainingJob", rule: "StepFunctionsGetEventsForSageMakerTrainingJobsRule" },
  ProcessingJob: { resource: "createProcessingJob", rule: "StepFunctionsGetEventsForSageMakerProcessingJobsRule" },
} as const;

/** Grants for passing a KMS key to SageMaker. */
function keyGrants(keyArn: pulumi.Input<string>): Grant[] {
  return [
    {
      actions: ["kms:CreateGrant"],
      resources: [keyArn],
      conditions: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
    { actions: ["kms:DescribeKey"], resources: [keyArn] },
  ];
}

function passRoleGrant(roleArn: pulumi.Input<string>): Grant {
  return {
    actions: ["iam:PassRole"],
    resources: [roleArn],
    conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
  };
}

function runSageMakerJob(kind: keyof typeof jobKinds, job: SageMakerJob, options: Options): TaskState {
  const { resource, rule } = jobKinds[kind];
  const verbs = ["Create", "Describe", "Stop"].map((verb) => `sagemaker:${verb}${kind}`);
  return task(`arn:aws:states:::sagemaker:${resource}.sync`, options, {
    arguments: job.request,
    retry: [retryOf("SageMaker", "AmazonSageMakerException", "ResourceLimitExceededException")],
    timeoutSeconds: 24 * 3600,
    grants: [
      { actions: [...verbs, "sagemaker:AddTags", "sagemaker:ListTags"], resources: [job.jobArns] },
      passRoleGrant(job.roleArn),
      // Step Functions creates an EventBridge rule with this name to learn when the job ends.
      {
        actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        resources: [`arn:aws:events:${job.region}:${job.accountId}:rule/${rule}`],
      },
      ...keyGrants(job.keyArn),
    ],
  });
}

/** Runs a training job and waits for it to finish. */
export function runTrainingJob(job: SageMakerJob, options: Options): TaskState {
  return runSageMakerJob("TrainingJob", job, options);
}

/** Runs a processing job and waits for it to finish. */
export function runProcessingJob(job: SageMakerJob, options: Options): TaskState {
  return runSageMakerJob("ProcessingJob", job, options);
}

/** The permissions that a SageMaker API call needs. */
interface SageMakerNeeds {
  /** ARNs or ARN patterns of the resources that the call concerns. */
  on: readonly string[];
  /** Whether the call sets tags. */
  tags?: boolean;
  /** The role that it passes to SageMaker. */
  roleArn?: pulumi.Input<string>;
  /** The KMS key that it passes to SageMaker. */
  keyArn?: pulumi.Input<string>;
  /** Pattern of the ARNs of the rollback alarms. */
  alarmArns?: string;
}

/**
 * Calls an operation of the SageMaker API.
 *
 * @param operation the operation in camel case, such as `describeEndpoint`
 */
export function callSageMaker(operation: string, request: Value, needs: SageMakerNeeds, options: Options): TaskState {
  const action = `sagemaker:${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  return task(`arn:aws:states:::aws-sdk:sagemaker:${operation}`, options, {
    arguments: request,
    retry: [retryOf("SageMaker", "SageMakerException", "ResourceLimitExceededException")],
    timeoutSeconds: 120,
    grants: [
      { actions: [action], resources: needs.on },
      ...(needs.tags === true ? [{ actions: ["sagemaker:AddTags"], resources: needs.on }] : []),
      ...(needs.roleArn === undefined ? [] : [passRoleGrant(needs.roleArn)]),
      ...(needs.keyArn === undefined ? [] : keyGrants(needs.keyArn)),
      ...(needs.alarmArns === undefined
        ? []
        : [{ actions: ["cloudwatch:DescribeAlarms"], resources: [needs.alarmArns] }]),
    ],
  });
}

/** Calls an operation of CloudWatch (`cloudwatch`) or of Step Functions (`sfn`). */
export function callService(
  service: "cloudwatch" | "sfn",
  operation: string,
  request: Value,
  resources: readonly pulumi.Input<string>[],
  options: Options,
): TaskState {
  const { prefix, actions } = services[service];
  return task(`arn:aws:states:::aws-sdk:${service}:${operation}`, options, {
    arguments: request,
    retry: [retryOf(prefix, `${prefix}Exception`)],
    timeoutSeconds: 60,
    grants: [{ actions: [`${actions}:${operation.charAt(0).toUpperCase()}${operation.slice(1)}`], resources }],
  });
}

/** How errors of a service begin, and its IAM actions. */
const services = {
  cloudwatch: { prefix: "CloudWatch", actions: "cloudwatch" },
  sfn: { prefix: "Sfn", actions: "states" },
} as const;

/** Calls an operation of Application Auto Scaling on a variant of a SageMaker endpoint. Its targets have ARNs that AWS makes up. */
export function callAutoScaling(
  operation: string,
  { target, place, request }: { target: ScalableTarget; place: Place; request: Readonly<Record<string, Value>> },
  options: Options & { grants?: readonly Grant[] },
): TaskState {
  const action = `application-autoscaling:${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  return task(`arn:aws:states:::aws-sdk:applicationautoscaling:${operation}`, options, {
    arguments: { ...target, ...request },
    retry: [
      retryOf(
        "ApplicationAutoScaling",
        "ApplicationAutoScalingException",
        "ConcurrentUpdateException",
        "InternalServiceException",
      ),
    ],
    timeoutSeconds: 60,
    grants: [
      {
        actions: [action],
        resources: [`arn:aws:application-autoscaling:${place.region}:${place.accountId}:scalable-target/*`],
        conditions: {
          StringEquals: {
            "application-autoscaling:service-namespace": target.ServiceNamespace,
            "application-autoscaling:scalable-dimension": target.ScalableDimension,
          },
        },
      },
      ...(options.grants ?? []),
    ],
  });
}

/** What Application Auto Scaling knows a variant of an endpoint by. */
export interface ScalableTarget {
  ServiceNamespace: "sagemaker";
  ResourceId: string;
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount";
}

/** Publishes a message to an encrypted SNS topic. */
export function publish(
  topic: { arn: pulumi.Input<string>; keyArn: pulumi.Input<string> },
  message: string,
  options: Options,
): TaskState {
  return task("arn:aws:states:::sns:publish", options, {
    arguments: { TopicArn: topic.arn, Message: message },
    retry: [snsRetry],
    timeoutSeconds: 60,
    grants: [
      { actions: ["sns:Publish"], resources: [topic.arn] },
      { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [topic.keyArn] },
    ],
  });
}
