/** The permissions of people and their systems. The patterns cover the pipelines of one environment. */
import type * as pulumi from "@pulumi/pulumi";
import { policyVariable, type Statement } from "../iam/statements";
import { decrypt } from "../iam/storage";
import { zones } from "../lake/folders";
import type { EnvironmentNames, Place } from "../names";
import type { BucketRef } from "../platform";

export interface Reach {
  place: Place;
  names: EnvironmentNames;
  lakeBucket: BucketRef;
  dataKeyArn: pulumi.Input<string>;
  messagesKeyArn: pulumi.Input<string>;
  /** Whether runs are started through the Lambdas `run-start`, which know who asks. */
  separateDuties: boolean;
  /** Whether versions are promoted to this environment. */
  promotes: boolean;
}

type Zone = keyof typeof zones;

/** ARN patterns of what the environment's pipelines have. */
function patterns({ place: { region, accountId }, names: { prefix } }: Pick<Reach, "place" | "names">) {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${accountId}:${rest}`;
  return {
    machines: (suffix: string) => arn("states", `stateMachine:${prefix}-*-${suffix}`),
    executions: arn("states", `execution:${prefix}-*:*`),
    packages: arn("sagemaker", `model-package/${prefix}-*/*`),
    sagemaker: (kind: string) => arn("sagemaker", `${kind}/${prefix}-*`),
    functions: (suffix: string) => arn("lambda", `function:${prefix}-*-${suffix}`),
    streams: arn("kinesis", `stream/${prefix}-*`),
    deliveries: arn("firehose", `deliverystream/${prefix}-*`),
    queues: arn("sqs", `${prefix}-*`),
    logs: ["/aws/lambda/", "/aws-glue/jobs/", "/aws/vendedlogs/states/"].map((group) =>
      arn("logs", `log-group:${group}${prefix}-*`),
    ),
    alarms: arn("cloudwatch", "alarm:*"),
    roles: `arn:aws:iam::${accountId}:role/${prefix}-*`,
  };
}

/** Runs and deployments, versions and what serves, alarms: what every command of the CLI that shows something reads. */
function look(reach: Reach): Statement[] {
  const { machines, executions, packages, sagemaker, alarms } = patterns(reach);
  return [
    {
      sid: "ListRuns",
      actions: ["states:ListExecutions"],
      resources: [machines("run"), machines("serve"), machines("monitor")],
    },
    {
      sid: "ReadRuns",
      actions: ["states:DescribeExecution", "states:GetExecutionHistory"],
      resources: [executions],
    },
    { sid: "ListPipelines", actions: ["states:ListStateMachines"], resources: ["*"] },
    // Which ARN a listing is judged by is not documented.
    { sid: "ListVersions", actions: ["sagemaker:ListModelPackages"], resources: ["*"] },
    { sid: "ReadVersions", actions: ["sagemaker:DescribeModelPackage"], resources: [packages] },
    {
      sid: "ReadServing",
      actions: ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
      resources: [sagemaker("endpoint"), sagemaker("endpoint-config"), sagemaker("model")],
    },
    { sid: "ReadAlarms", actions: ["cloudwatch:DescribeAlarms"], resources: [alarms] },
  ];
}

function readLake({ lakeBucket, dataKeyArn }: Reach, of: readonly Zone[]): Statement[] {
  const folders = of.map((zone) => zones[zone]);
  return [
    { sid: "ReadLake", actions: ["s3:GetObject"], resources: folders.map((folder) => below(lakeBucket, folder)) },
    {
      sid: "ListLake",
      actions: ["s3:ListBucket"],
      resources: [lakeBucket.arn],
      conditions: { StringLike: { "s3:prefix": folders.map((folder) => `${folder}/*`) } },
    },
    decrypt("Lake", dataKeyArn),
  ];
}

const below = ({ name }: BucketRef, folder: string) => `arn:aws:s3:::${name}/${folder}/*`;

function readLogs(reach: Reach): Statement {
  const resources = patterns(reach).logs.flatMap((group) => [group, `${group}:*`]);
  return {
    sid: "ReadLogs",
    actions: ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
    resources,
  };
}

/** To call a Lambda by its URL takes both actions since October 2025, the second one for calls by the URL only; the third finds it. */
function callByUrl(sid: string, functions: string): Statement[] {
  return [
    {
      sid,
      actions: ["lambda:InvokeFunctionUrl"],
      resources: [functions],
      conditions: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
    },
    {
      sid: `${sid}Function`,
      actions: ["lambda:InvokeFunction"],
      resources: [functions],
      conditions: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
    },
    { sid: `${sid}Url`, actions: ["lambda:GetFunctionUrlConfig"], resources: [functions] },
  ];
}

/** Permission to promote versions of another environment to the pipelines of this one, by their Lambdas. */
export const promoteVersions = (reach: Pick<Reach, "place" | "names">): Statement[] =>
  callByUrl("Promote", patterns(reach).functions("registry-promote"));

/** A run is started by its state machine, or, where the person must be known, by the Lambda that AWS tells who calls it. */
function startRuns(reach: Reach): Statement[] {
  const { machines, functions } = patterns(reach);
  if (reach.separateDuties) return callByUrl("StartRuns", functions("run-start"));
  return [{ sid: "StartRuns", actions: ["states:StartExecution"], resources: [machines("run")] }];
}

export function dataScientist(reach: Reach): Statement[] {
  const data: Zone[] = ["curated", "quarantine", "features", "scores", "trainingSets", "models", "captures", "reports"];
  return [...look(reach), ...readLake(reach, data), readLogs(reach), ...startRuns(reach)];
}

/** The decision, without the notes of who may not decide. No condition key knows what else of a version a request changes. */
export function reviewer(reach: Reach): Statement[] {
  const { packages } = patterns(reach);
  const refused = (sid: string, note: string): Statement => ({
    sid,
    effect: "Deny",
    actions: ["sagemaker:UpdateModelPackage"],
    resources: [packages],
    conditions: {
      StringEquals: { [`sagemaker:CurrentCustomerMetadataProperties/${note}`]: policyVariable("aws:userid") },
    },
  });
  const notes = { NotOwnTraining: "may_not_approve", NotOwnPromotion: "promoter_may_not_approve" };
  return [
    ...look(reach),
    ...readLake(reach, ["models", "reports"]),
    {
      sid: "Decide",
      actions: ["sagemaker:UpdateModelPackage"],
      resources: [packages],
      conditions: {
        StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] },
        Null: {
          ...Object.fromEntries(
            Object.values(notes).map((note) => [`sagemaker:CustomerMetadataProperties/${note}`, "true"]),
          ),
          "sagemaker:CustomerMetadataPropertiesToRemove": "true",
        },
      },
    },
    ...(reach.separateDuties ? Object.entries(notes).map(([sid, note]) => refused(sid, note)) : []),
  ];
}

export function operator(reach: Reach): Statement[] {
  const { machines, executions, queues } = patterns(reach);
  return [
    ...look(reach),
    ...readLake(reach, ["reports"]),
    readLogs(reach),
    ...startRuns(reach),
    ...(reach.promotes ? promoteVersions(reach) : []),
    // A deployment refuses a version that is not approved.
    { sid: "Deploy", actions: ["states:StartExecution"], resources: [machines("serve"), machines("monitor")] },
    { sid: "StopAndRedrive", actions: ["states:StopExecution", "states:RedriveExecution"], resources: [executions] },
    {
      sid: "HandleDeadLetters",
      actions: ["sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
      resources: [queues],
    },
    decrypt("DeadLetters", reach.messagesKeyArn),
  ];
}

export function auditor(reach: Reach): Statement[] {
  return [
    ...look(reach),
    ...readLake(reach, ["reports"]),
    readLogs(reach),
    {
      sid: "ReadPolicies",
      actions: ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies"],
      resources: [patterns(reach).roles],
    },
    {
      sid: "ReadKeyPolicies",
      actions: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus"],
      resources: [reach.dataKeyArn, reach.messagesKeyArn],
    },
    { sid: "ReadTrail", actions: ["cloudtrail:LookupEvents"], resources: ["*"] },
  ];
}

/** Kinesis asks whether who puts records on an encrypted stream may use its key. */
export function eventProducer(reach: Reach): Statement[] {
  const { streams, deliveries } = patterns(reach);
  return [
    { sid: "PutEvents", actions: ["kinesis:PutRecord", "kinesis:PutRecords"], resources: [streams] },
    { sid: "EncryptEvents", actions: ["kms:GenerateDataKey"], resources: [reach.dataKeyArn] },
    { sid: "ReadBuffering", actions: ["firehose:DescribeDeliveryStream"], resources: [deliveries] },
  ];
}

export function predictionClient(reach: Reach): Statement[] {
  return callByUrl("Predict", patterns(reach).functions("serve-predict"));
}
