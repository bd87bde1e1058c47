import { beforeAll, describe, expect, it } from "@jest/globals";
import { withoutResource } from "../../policy/rules/no-wildcard-resources";
import { list, type PolicyStatement, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

/** The actions of every Lambda: logs, traces, dead letters. */
const lambda = [
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "sqs:SendMessage",
  "kms:Decrypt",
  "kms:GenerateDataKey",
];
const serving = ["Endpoint", "EndpointConfig", "Model", "ModelPackage"].map((kind) => `sagemaker:Describe${kind}`);
const machine = Object.keys(withoutResource).filter((action) => /^(xray|logs):/.test(action));
const alerting = ["sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"];
const image = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"].map((name) => `ecr:${name}`);
const sagemakerJob = [
  ...image,
  "ecr:GetAuthorizationToken",
  "s3:GetObject",
  "s3:PutObject",
  "s3:AbortMultipartUpload",
  "s3:ListBucket",
  "kms:Decrypt",
  "kms:GenerateDataKey",
  "kms:CreateGrant",
  "kms:DescribeKey",
  "cloudwatch:PutMetricData",
  "logs:CreateLogGroup",
  "logs:CreateLogStream",
  "logs:DescribeLogStreams",
  "logs:PutLogEvents",
];
const glueReader = [
  "s3:GetObject",
  "s3:PutObject",
  "s3:ListBucket",
  "s3:DeleteObject",
  "s3:AbortMultipartUpload",
  "kms:Decrypt",
  "kms:GenerateDataKey",
  "glue:GetTable",
  "logs:CreateLogStream",
  "logs:PutLogEvents",
];
const glueWriter = [...glueReader, "glue:CreateTable", "glue:UpdateTable"];
const schedule = ["states:StartExecution", "sqs:SendMessage", "kms:Decrypt", "kms:GenerateDataKey"];

/** Role → the exact set of actions that its policy allows. */
const expected: Readonly<Record<string, string[]>> = {
  "daybreak-dev-alert-slack": [...lambda, "secretsmanager:GetSecretValue"],
  "daybreak-dev-shop-run-plan": [
    ...lambda,
    ...serving,
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
  ],
  "daybreak-dev-shop-train-decide": [
    ...lambda,
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "kms:GenerateDataKey",
  ],
  "daybreak-dev-shop-registry-register": [
    ...lambda,
    ...image,
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "sagemaker:AddTags",
    "sagemaker:CreateModelPackage",
    "sagemaker:ListModelPackages",
  ],
  "daybreak-dev-shop-registry-retire": [
    ...lambda,
    ...serving,
    ...["DeleteEndpointConfig", "DeleteModel", "DeleteModelPackage"].map((name) => `sagemaker:${name}`),
    ...["ListEndpointConfigs", "ListModelPackages", "ListModels"].map((name) => `sagemaker:${name}`),
  ],
  "daybreak-dev-shop-serve-start": [...lambda, "states:StartExecution"],
  "daybreak-dev-shop-serve-predict": [
    ...lambda,
    "s3:GetObject",
    "s3:ListBucket",
    "sagemaker:GetRecord",
    "sagemaker:InvokeEndpoint",
  ],
  "daybreak-dev-shop-monitor-drift": [
    ...lambda,
    ...serving,
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "cloudwatch:PutMetricData",
  ],
  "daybreak-dev-shop-monitor-plan": [...lambda, "s3:GetObject", "s3:ListBucket"],
  "daybreak-dev-shop-monitor-checks": [...glueWriter, "cloudwatch:PutMetricData"],
  "daybreak-dev-shop-monitor-retrain": [
    ...lambda,
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "sns:Publish",
    "states:ListExecutions",
    "states:StartExecution",
  ],
  "daybreak-dev-shop-ingest": [
    ...["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"].map(
      (name) => `kinesis:${name}`,
    ),
    ...["AbortMultipartUpload", "GetBucketLocation", "GetObject", "ListBucket", "ListBucketMultipartUploads"].map(
      (name) => `s3:${name}`,
    ),
    "s3:PutObject",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:PutLogEvents",
  ],
  "daybreak-dev-shop-transform": glueWriter,
  "daybreak-dev-shop-quality": glueWriter,
  "daybreak-dev-shop-features": [...glueWriter, "sagemaker:PutRecord"],
  "daybreak-dev-shop-features-add": [...lambda, "sagemaker:DescribeFeatureGroup", "sagemaker:UpdateFeatureGroup"],
  "daybreak-dev-shop-score": glueWriter,
  "daybreak-dev-shop-score-customers": sagemakerJob,
  "daybreak-dev-shop-train-dataset": glueReader,
  "daybreak-dev-shop-feature-store": [
    ...glueWriter.filter((action) => !action.startsWith("logs:")),
    "glue:GetDatabase",
    "glue:GetTables",
    "s3:GetBucketAcl",
    "s3:GetBucketLocation",
    "s3:PutObjectAcl",
    "kms:CreateGrant",
    "kms:DescribeKey",
  ],
  "daybreak-dev-shop-train-model": sagemakerJob,
  "daybreak-dev-shop-train-evaluation": sagemakerJob,
  "daybreak-dev-shop-endpoint": [...sagemakerJob, "cloudwatch:DescribeAlarms"],
  "daybreak-dev-shop-run": [
    ...machine,
    ...alerting,
    "lambda:InvokeFunction",
    ...["BatchStopJobRun", "GetJobRun", "GetJobRuns", "StartJobRun"].map((name) => `glue:${name}`),
    ...["TrainingJob", "ProcessingJob"].flatMap((kind) =>
      ["Create", "Describe", "Stop"].map((verb) => `sagemaker:${verb}${kind}`),
    ),
    "states:ListExecutions",
    "sagemaker:AddTags",
    "sagemaker:ListTags",
    "iam:PassRole",
    "events:DescribeRule",
    "events:PutRule",
    "events:PutTargets",
    "kms:CreateGrant",
    "kms:DescribeKey",
  ],
  "daybreak-dev-shop-serve": [
    ...machine,
    ...alerting,
    ...["DescribeModelPackage", "DescribeEndpoint", "DeleteEndpoint", "CreateModel", "CreateEndpointConfig"].map(
      (name) => `sagemaker:${name}`,
    ),
    "sagemaker:CreateEndpoint",
    "sagemaker:UpdateEndpoint",
    "sagemaker:AddTags",
    "iam:PassRole",
    "cloudwatch:DescribeAlarms",
    // It ends the scaling of an endpoint that was told to grow by an earlier deployment.
    "application-autoscaling:DeregisterScalableTarget",
    "cloudwatch:DeleteAlarms",
    "kms:CreateGrant",
    "kms:DescribeKey",
  ],
  "daybreak-dev-shop-monitor": [
    ...machine,
    ...alerting,
    "states:ListExecutions",
    "lambda:InvokeFunction",
    ...["BatchStopJobRun", "GetJobRun", "GetJobRuns", "StartJobRun"].map((name) => `glue:${name}`),
  ],
  "daybreak-dev-shop-dawn": schedule,
  "daybreak-dev-shop-check": schedule,
};

const sorted = (values: readonly string[]) => [...new Set(values)].sort();

describe("roles", () => {
  let stack: Recording;
  let statements: { role: string; statement: PolicyStatement }[];

  beforeAll(async () => {
    stack = await runStack(makeConfig([makeSpec()]));
    statements = stack
      .all("aws:iam/role:Role")
      .map((role) => String(role.inputs.name))
      .flatMap((role) => stack.policyOf(role).map((statement) => ({ role, statement })));
  });

  it("have exactly the expected actions", () => {
    const actual = Object.fromEntries(
      stack.all("aws:iam/role:Role").map(({ inputs }) => {
        const actions = stack.policyOf(String(inputs.name)).flatMap((statement) => list(statement.Action));
        return [inputs.name, sorted(actions)];
      }),
    );
    const wanted = Object.fromEntries(Object.entries(expected).map(([role, actions]) => [role, sorted(actions)]));
    expect(actual).toEqual(wanted);
  });

  it("have a resource of * only where the policy pack's table gives the reason, and the table has no idle entry", async () => {
    const auditors = ["arn:aws:iam::123456789012:root"];
    const all = await runStack(makeConfig([makeSpec()], { people: { auditors }, network: "private" }));
    const onAll = all
      .all("aws:iam/role:Role")
      .flatMap(({ inputs }) => all.policyOf(String(inputs.name)))
      .filter(({ Effect, Resource }) => Effect === "Allow" && list(Resource).includes("*"));
    const actions = sorted(onAll.flatMap((statement) => list(statement.Action)));
    expect(actions).toEqual(Object.keys(withoutResource).sort());
  });

  it("can put metrics only into known namespaces", () => {
    for (const { statement } of statements) {
      if (!list(statement.Action).includes("cloudwatch:PutMetricData")) continue;
      expect(statement.Condition?.StringEquals?.["cloudwatch:namespace"]).toMatch(/^(Daybreak|\/aws\/sagemaker\/\w+)$/);
    }
  });

  it("can be passed only to SageMaker", () => {
    const passing = statements.filter(({ statement }) => list(statement.Action).includes("iam:PassRole"));
    const passed = passing.map(({ role, statement }) => [role, list(statement.Resource)]);
    expect(Object.fromEntries(passed)).toEqual({
      "daybreak-dev-shop-serve": ["arn:aws:iam::123456789012:role/daybreak-dev-shop-endpoint"],
      "daybreak-dev-shop-run": [
        "arn:aws:iam::123456789012:role/daybreak-dev-shop-score-customers",
        "arn:aws:iam::123456789012:role/daybreak-dev-shop-train-model",
        "arn:aws:iam::123456789012:role/daybreak-dev-shop-train-evaluation",
      ],
    });
    for (const { statement } of passing) {
      expect(statement.Condition).toEqual({ StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } });
    }
  });

  it("can create grants of the data key only for AWS resources", () => {
    for (const { statement } of statements) {
      if (!list(statement.Action).includes("kms:CreateGrant")) continue;
      expect(statement.Action).toBe("kms:CreateGrant");
      expect(statement.Condition).toEqual({ Bool: { "kms:GrantIsForAWSResource": "true" } });
    }
  });

  it("trust a single service, restricted to this account if the service supports it", () => {
    const trust = Object.fromEntries(
      stack.all("aws:iam/role:Role").map((role) => {
        const [statement] = Recording.document<{
          Statement: { Principal: { Service: string }; Condition?: object }[];
        }>(role, "assumeRolePolicy").Statement;
        return [String(role.inputs.name), [statement?.Principal.Service, statement?.Condition !== undefined]];
      }),
    );
    expect(trust).toMatchObject({
      "daybreak-dev-shop-serve-predict": ["lambda.amazonaws.com", false],
      "daybreak-dev-shop-transform": ["glue.amazonaws.com", true],
      "daybreak-dev-shop-train-model": ["sagemaker.amazonaws.com", true],
      "daybreak-dev-shop-run": ["states.amazonaws.com", true],
      "daybreak-dev-shop-ingest": ["firehose.amazonaws.com", true],
      "daybreak-dev-shop-dawn": ["scheduler.amazonaws.com", true],
    });
  });

  it("stay below the size limit of inline policies", () => {
    for (const policy of stack.all("aws:iam/rolePolicy:RolePolicy")) {
      expect(String(policy.inputs.policy).length).toBeLessThan(10_240);
    }
  });

  it("let the registry Lambda approve versions only if approval is automatic", async () => {
    const approve = (recording: Recording) =>
      recording
        .policyOf("daybreak-dev-shop-registry-register")
        .filter((statement) => list(statement.Action).includes("sagemaker:UpdateModelPackage"));
    expect(approve(stack)).toEqual([]);
    const automatic = await runStack(makeConfig([makeSpec("shop", { approval: { mode: "automatic" } })]));
    expect(approve(automatic)).toHaveLength(1);
  });
});
