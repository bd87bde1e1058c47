import { describe, expect, test } from "@jest/globals";
import { ADAPTERS } from "../../../deploy/adapters";
import { alarmDefinition } from "../../../deploy/adapters/cloudwatch";
import { connectionRequest, ruleTarget } from "../../../deploy/adapters/eventbridge";
import { s3Destination } from "../../../deploy/adapters/firehose";
import { jobDefinition } from "../../../deploy/adapters/glue";
import { functionConfiguration } from "../../../deploy/adapters/lambda";
import { lifecycleRule, objectBody } from "../../../deploy/adapters/s3";
import { stateMachineDefinition } from "../../../deploy/adapters/sfn";
import { pascal, textMap } from "../../../deploy/adapters/shared";
import { queueAttributes } from "../../../deploy/adapters/sqs";
import { alreadyExists, describeFailure, isNotFound } from "../../../deploy/errors";
import { inputIssues } from "../../../deploy/plan";
import { ArchiveContent, FileContent, UNKNOWN } from "../../../deploy/values";
import { awsError, CLOUD } from "./fake-cloud";

/** The object without its undefined members. */
const said = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("every adapter", () => {
  test.each([...ADAPTERS.values()].map((adapter) => [adapter.type, adapter] as const))(
    "%s rejects an input that it does not support",
    (_, adapter) => {
      expect(inputIssues(adapter, { inventedByTheTest: 1 })).toContain(
        'the input "inventedByTheTest" is not supported by the local deployer',
      );
    },
  );
});

describe("the inputs of an adapter", () => {
  const queue = ADAPTERS.get("aws:sqs/queue:Queue");
  if (queue === undefined) throw new Error("the queue's adapter is missing");

  test("may be unknown in a preview, whatever their type", () => {
    expect(inputIssues(queue, { name: UNKNOWN, delaySeconds: UNKNOWN })).toEqual([]);
  });

  test("are validated as far as they are known", () => {
    expect(inputIssues(queue, { name: UNKNOWN, delaySeconds: "soon" })).toHaveLength(1);
  });

  test("that are JSON may be text or an object", () => {
    const redrivePolicy = { maxReceiveCount: 3 };
    expect(queue.inputs.parse({ redrivePolicy })).toEqual({ redrivePolicy: JSON.stringify(redrivePolicy) });
    expect(queue.inputs.parse({ redrivePolicy: "{}" })).toEqual({ redrivePolicy: "{}" });
  });
});

describe("mappings", () => {
  test("an alarm on one metric", () => {
    const alarm = alarmDefinition({
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      evaluationPeriods: 1,
      metricName: "DriftedFeatures",
      namespace: "Daybreak",
      dimensions: { Pipeline: "cdnow" },
      threshold: 1,
      period: 60,
      statistic: "Maximum",
      treatMissingData: "notBreaching",
      actionsEnabled: true,
      alarmActions: ["arn:topic"],
    });

    expect(said(alarm)).toEqual({
      ActionsEnabled: true,
      AlarmActions: ["arn:topic"],
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      Dimensions: [{ Name: "Pipeline", Value: "cdnow" }],
      EvaluationPeriods: 1,
      MetricName: "DriftedFeatures",
      Namespace: "Daybreak",
      Period: 60,
      Statistic: "Maximum",
      Threshold: 1,
      TreatMissingData: "notBreaching",
    });
  });

  test("a Firehose destination, with the provider's default buffering", () => {
    const destination = s3Destination({
      bucketArn: "arn:b",
      roleArn: "arn:r",
      kmsKeyArn: "arn:k",
      compressionFormat: "GZIP",
    });

    expect(said(destination)).toEqual({
      BucketARN: "arn:b",
      RoleARN: "arn:r",
      CompressionFormat: "GZIP",
      BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
      EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN: "arn:k" } },
    });
  });

  test("a Glue job", () => {
    const job = jobDefinition({
      roleArn: "arn:r",
      command: { name: "glueetl", scriptLocation: "s3://code/a.py", pythonVersion: "3" },
      defaultArguments: { "--x": "1" },
      executionProperty: { maxConcurrentRuns: 3 },
      workerType: "G.1X",
    });

    expect(said(job)).toEqual({
      Role: "arn:r",
      Command: { Name: "glueetl", PythonVersion: "3", ScriptLocation: "s3://code/a.py" },
      DefaultArguments: { "--x": "1" },
      ExecutionProperty: { MaxConcurrentRuns: 3 },
      WorkerType: "G.1X",
    });
  });

  test("a Lambda function's configuration", () => {
    const configuration = functionConfiguration({
      role: "arn:r",
      code: new ArchiveContent({ assets: {} }),
      handler: "index.handler",
      runtime: "nodejs22.x",
      environment: { variables: { A: "b" } },
      deadLetterConfig: { targetArn: "arn:q" },
      tracingConfig: { mode: "Active" },
      loggingConfig: { logFormat: "JSON", logGroup: "/daybreak" },
    });

    expect(said(configuration)).toEqual({
      Role: "arn:r",
      Handler: "index.handler",
      Runtime: "nodejs22.x",
      Environment: { Variables: { A: "b" } },
      DeadLetterConfig: { TargetArn: "arn:q" },
      TracingConfig: { Mode: "Active" },
      LoggingConfig: { LogFormat: "JSON", LogGroup: "/daybreak" },
    });
  });

  test("a state machine with its log group", () => {
    const machine = stateMachineDefinition({
      definition: "{}",
      roleArn: "arn:r",
      loggingConfiguration: { level: "ALL", includeExecutionData: true, logDestination: "arn:log:*" },
      tracingConfiguration: { enabled: true },
    });

    expect(said(machine)).toEqual({
      definition: "{}",
      roleArn: "arn:r",
      loggingConfiguration: {
        level: "ALL",
        includeExecutionData: true,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: "arn:log:*" } }],
      },
      tracingConfiguration: { enabled: true },
    });
  });

  test("the target of a rule", () => {
    const target = ruleTarget({
      ...{ rule: "r", targetId: "id", arn: "arn:l" },
      ...{ deadLetterConfig: { arn: "arn:q" }, retryPolicy: { maximumRetryAttempts: 4 } },
    });

    expect(said(target)).toEqual({
      Id: "id",
      Arn: "arn:l",
      DeadLetterConfig: { Arn: "arn:q" },
      RetryPolicy: { MaximumRetryAttempts: 4 },
    });
  });

  test("the target of a rule that calls an API destination", () => {
    const target = ruleTarget({
      ...{ rule: "r", targetId: "id", arn: "arn:d", roleArn: "arn:r" },
      httpTarget: { headerParameters: textMap.parse({ accept: "text/plain" }) },
      inputTransformer: { inputPaths: textMap.parse({ at: "$.time" }), inputTemplate: '{"at":<at>}' },
    });

    expect(said(target)).toEqual({
      Id: "id",
      Arn: "arn:d",
      RoleArn: "arn:r",
      HttpParameters: { HeaderParameters: { accept: "text/plain" } },
      InputTransformer: { InputPathsMap: { at: "$.time" }, InputTemplate: '{"at":<at>}' },
    });
  });

  test("a connection with an API key", () => {
    const request = connectionRequest({
      ...{ name: "c", authorizationType: "API_KEY" },
      authParameters: { apiKey: { key: "Authorization", value: "v" } },
    });

    expect(request).toEqual({
      ...{ Name: "c", AuthorizationType: "API_KEY" },
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "Authorization", ApiKeyValue: "v" } },
    });
  });

  test("a queue's attributes are text", () => {
    expect(queueAttributes({ messageRetentionSeconds: 60, sqsManagedSseEnabled: true })).toEqual({
      MessageRetentionPeriod: "60",
      SqsManagedSseEnabled: "true",
    });
  });

  test.each([
    ["no filter means everything", undefined, { Prefix: "" }],
    ["a prefix", { prefix: "raw/" }, { Prefix: "raw/" }],
  ])("a lifecycle rule: %s", (_, filter, expected) => {
    const rule = lifecycleRule({ id: "r", status: "Enabled", filter, expiration: { days: 30 } });

    expect(said(rule)).toEqual({ ID: "r", Status: "Enabled", Filter: expected, Expiration: { Days: 30 } });
  });
});

describe("an object's body", () => {
  const object = { bucket: "b", key: "k" };

  test.each([
    ["text", { ...object, content: "é" }, Buffer.from("é")],
    ["base64", { ...object, contentBase64: "AAEC" }, Buffer.from([0, 1, 2])],
    ["a file", { ...object, source: new FileContent({ text: "f" }) }, Buffer.from("f")],
    ["nothing", object, Buffer.alloc(0)],
  ])("is taken from %s", (_, inputs, expected) => expect(objectBody(inputs)).toEqual(expected));

  test("cannot be given twice", () => {
    expect(() => objectBody({ ...object, content: "a", contentBase64: "AA==" })).toThrow("more than one of");
  });
});

test("inputs get AWS's capitalization, but the keys of maps do not change", () => {
  const job = {
    timeout: 1,
    command: { pythonVersion: "3" },
    processors: [{ type: "Lambda" }],
    map: textMap.parse({ "--x": "1" }),
  };

  expect(pascal(job)).toEqual({
    Timeout: 1,
    Command: { PythonVersion: "3" },
    Processors: [{ Type: "Lambda" }],
    Map: { "--x": "1" },
  });
});

describe("what the real provider replaces", () => {
  const context = { ...CLOUD, automaticName: "automatic" };
  const difference = (type: string, before: object, after: object) => {
    const adapter = ADAPTERS.get(type);
    if (adapter === undefined) throw new Error(`no adapter for ${type}`);
    return adapter.difference(context, { ...before }, { ...after });
  };

  const group = { featureGroupName: "g", featureDefinitions: [{ featureName: "a", featureType: "String" }] };
  const more = [...group.featureDefinitions, { featureName: "b", featureType: "String" }];

  test.each([
    ["sagemaker/featureGroup:FeatureGroup", group, { featureDefinitions: more }],
    ["sagemaker/featureGroup:FeatureGroup", group, { description: "new" }],
    [
      "sagemaker/modelPackageGroup:ModelPackageGroup",
      { modelPackageGroupName: "m" },
      { modelPackageGroupDescription: "n" },
    ],
    ["cloudwatch/logGroup:LogGroup", { name: "l" }, { logGroupClass: "INFREQUENT_ACCESS" }],
    ["iam/role:Role", { name: "r" }, { path: "/teams/" }],
    ["kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", { name: "f" }, { kinesisSourceConfiguration: {} }],
  ])("%s is replaced under its name: %j + %j", (type, before, change) => {
    const found = difference(`aws:${type}`, before, { ...before, ...change });
    expect(found).toMatchObject({ replacing: Object.keys(change), deleteFirst: true });
  });

  test.each([
    ["kinesis/stream:Stream", { name: "s" }, { encryptionType: "KMS", kmsKeyId: "k", streamModeDetails: {} }],
    ["cloudwatch/logGroup:LogGroup", { name: "l" }, { kmsKeyId: "k" }],
    ["iam/role:Role", { name: "r" }, { permissionsBoundary: "arn" }],
  ])("%s is updated: %j + %j", (type, before, change) => {
    expect(difference(`aws:${type}`, before, { ...before, ...change }).replacing).toEqual([]);
  });

  test.each([
    ["a new name", {}, { name: "mine" }, { replacing: ["name"], deleteFirst: false }],
    ["the automatic name explicitly", {}, { name: "automatic" }, { changed: [] }],
    ["a new visibility timeout", {}, { visibilityTimeoutSeconds: 60 }, { replacing: [] }],
  ])("a queue that the program does not name gets %s", (_, before, after, expected) => {
    expect(difference("aws:sqs/queue:Queue", before, after)).toMatchObject(expected);
  });

  test("an object with a new key is created before the old one is deleted", () => {
    const type = "aws:s3/bucketObjectv2:BucketObjectv2";
    const found = difference(type, { bucket: "b", key: "v1" }, { bucket: "b", key: "v2" });
    expect(found).toEqual({ changed: ["key"], replacing: ["key"], deleteFirst: false });
  });
});

describe("errors", () => {
  test.each(["EntityAlreadyExistsException", "ResourceInUseException", "ResourceConflictException", "QueueNameExists"])(
    "%s says that it exists",
    (code) => expect(alreadyExists(awsError(code, ""))).toBe(true),
  );
  test.each(["NoSuchEntityException", "ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue"])(
    "%s says that it does not exist",
    (code) => expect(isNotFound(awsError(code, ""))).toBe(true),
  );

  test.each([
    [awsError("AccessDeniedException", "no"), /new root keys/],
    [awsError("EntityAlreadyExists", "there"), /is not in the state file/],
    [awsError("ConflictException", "Model Package Group x is not empty"), /npx daybreak teardown <pipeline>/],
    [awsError("Unknown", "UnknownError", 404), /emulator does not implement/],
    [Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), /does not answer/],
  ])("give advice for %s", (error, advice) => {
    expect(describeFailure(error, "urn::x", "aws:s3/bucket:Bucket", "create").facts.advice).toMatch(advice);
  });

  test("include the HTTP status if the response did not come from AWS", () => {
    const failure = describeFailure(awsError("Unknown", "UnknownError", 405), "urn::x", "aws:a/b:C", "create");
    expect(failure.message).toBe("Could not create x (aws:a/b:C): the response (HTTP 405) is not an AWS error");
  });
});
