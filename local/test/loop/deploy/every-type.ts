/**
 * A program with one resource of every type that the deployer supports, and most of their inputs. `variant` changes inputs
 * that can be updated, `replaced` inputs that need a replacement; `without` leaves out a part, which is then deleted.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** The services that assume the role. */
const TRUSTED = ["events", "lambda", "firehose", "glue", "sagemaker", "scheduler", "states"].map(
  (name) => `${name}.amazonaws.com`,
);

/** The role and permissions that the other resources use. */
class Access extends pulumi.ComponentResource {
  readonly role: aws.iam.Role;
  /** Resolves once the role has its permissions. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, variant: string, opts?: pulumi.ComponentResourceOptions) {
    super("daybreak:test:Access", name, {}, opts);
    const allow = (Action: string[]) => ({ Effect: "Allow" as const, Action, Resource: "*" });
    this.role = new aws.iam.Role(
      `${name}-role`,
      {
        name: "every-type",
        description: variant,
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: TRUSTED }, Action: "sts:AssumeRole" }],
        },
      },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: this.role.id,
        policy: {
          Version: "2012-10-17",
          Statement: [allow(["s3:*", "glue:*", "kms:*"]), ...(variant === "two" ? [allow(["kinesis:*"])] : [])],
        },
      },
      { parent: this },
    );
    this.arn = pulumi.all([this.role.arn, policy.id]).apply(([arn]) => arn);
    this.registerOutputs({ role: this.arn });
  }
}

function storage(variant: string, key: aws.kms.Key) {
  const bucket = new aws.s3.Bucket("lake", { bucket: "every-type-lake", forceDestroy: true });
  new aws.s3.BucketVersioning("lake", { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } });
  new aws.s3.BucketServerSideEncryptionConfiguration("lake", {
    bucket: bucket.id,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
        bucketKeyEnabled: variant === "one",
      },
    ],
  });
  new aws.s3.BucketLogging("lake", { bucket: bucket.id, targetBucket: bucket.id, targetPrefix: `${variant}/` });
  new aws.s3.BucketPublicAccessBlock("lake", { bucket: bucket.id, blockPublicAcls: true, blockPublicPolicy: true });
  new aws.s3.BucketLifecycleConfiguration("lake", {
    bucket: bucket.id,
    rules: [
      {
        id: "raw",
        status: "Enabled",
        filter: { prefix: "raw/" },
        transitions: [{ days: variant === "one" ? 30 : 60, storageClass: "STANDARD_IA" }],
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
    ],
  });
  new aws.s3.BucketPolicy("lake", {
    bucket: bucket.id,
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: `Tls${variant}`,
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: pulumi.interpolate`${bucket.arn}/*`,
          // A condition that is never true: the local cloud has no TLS.
          Condition: { StringEquals: { "aws:PrincipalTag/never": "true" } },
        },
      ],
    }),
  });
  new aws.s3.BucketObjectv2("text", { bucket, key: "a/text.txt", content: variant, contentType: "text/plain" });
  new aws.s3.BucketObjectv2("bytes", { bucket: bucket.id, key: "a/bytes", contentBase64: "AAEC" });
  return bucket;
}

function messaging(variant: string, lambda: aws.lambda.Function) {
  const topic = new aws.sns.Topic("alerts", { name: "every-type-alerts", displayName: variant });
  const letters = new aws.sqs.Queue("letters", {
    name: "every-type-letters",
    messageRetentionSeconds: variant === "one" ? 1209600 : 86400,
    sqsManagedSseEnabled: true,
  });
  new aws.sqs.QueuePolicy("letters", {
    queueUrl: letters.url,
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: letters.arn,
        },
      ],
    }),
  });
  new aws.sns.TopicPolicy("alerts", {
    arn: topic.arn,
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: topic.arn,
        },
      ],
    }),
  });
  new aws.sns.TopicSubscription("slack", {
    topic: topic.arn,
    protocol: "lambda",
    endpoint: lambda.arn,
    redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: letters.arn }),
  });
  return { topic, letters };
}

function compute(variant: string, access: Access) {
  const code = `exports.handler = async () => ({ variant: ${JSON.stringify(variant)} });`;
  const lambda = new aws.lambda.Function("answer", {
    name: "every-type-answer",
    role: access.arn,
    runtime: "nodejs22.x",
    handler: "index.handler",
    architectures: ["arm64"],
    timeout: 10,
    memorySize: 256,
    code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(code) }),
    environment: { variables: { VARIANT: variant } },
    tracingConfig: { mode: "Active" },
  });
  new aws.lambda.Permission("answer", {
    action: "lambda:InvokeFunction",
    function: lambda.name,
    principal: "sns.amazonaws.com",
  });
  const url = new aws.lambda.FunctionUrl("answer", { functionName: lambda.name, authorizationType: "AWS_IAM" });
  new aws.lambda.Invocation("answer", { functionName: lambda.name, input: "{}" });
  return { lambda, url };
}

function streaming(variant: string, bucket: aws.s3.Bucket, access: Access, key: aws.kms.Key) {
  const stream = new aws.kinesis.Stream("events", {
    name: "every-type-events",
    streamModeDetails: { streamMode: "ON_DEMAND" },
    retentionPeriod: variant === "one" ? 48 : 72,
    encryptionType: "KMS",
    kmsKeyId: key.id,
  });
  new aws.kinesis.FirehoseDeliveryStream("events", {
    name: "every-type-events",
    destination: "extended_s3",
    kinesisSourceConfiguration: { kinesisStreamArn: stream.arn, roleArn: access.arn },
    extendedS3Configuration: {
      bucketArn: bucket.arn,
      roleArn: access.arn,
      prefix: "raw/",
      errorOutputPrefix: "raw-errors/",
      compressionFormat: "GZIP",
      bufferingInterval: variant === "one" ? 60 : 120,
      bufferingSize: 64,
      processingConfiguration: { enabled: true, processors: [{ type: "AppendDelimiterToRecord" }] },
    },
  });
  return stream;
}

function catalog(variant: string, bucket: aws.s3.Bucket, access: Access, key: aws.kms.Key) {
  const database = new aws.glue.CatalogDatabase("every", { name: "every_type", description: variant });
  new aws.glue.CatalogTable("raw", {
    name: "raw",
    databaseName: database.name,
    tableType: "EXTERNAL_TABLE",
    parameters: { variant },
    partitionKeys: [{ name: "day", type: "string" }],
    storageDescriptor: {
      location: pulumi.interpolate`s3://${bucket.bucket}/raw/`,
      columns: [{ name: "event_id", type: "string" }],
      serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
    },
  });
  const security = new aws.glue.SecurityConfiguration("every", {
    name: "every-type",
    encryptionConfiguration: {
      cloudwatchEncryption: { cloudwatchEncryptionMode: "SSE-KMS", kmsKeyArn: key.arn },
      jobBookmarksEncryption: { jobBookmarksEncryptionMode: "DISABLED" },
      s3Encryption: { s3EncryptionMode: "SSE-KMS", kmsKeyArn: key.arn },
    },
  });
  new aws.glue.Job("transform", {
    name: "every-type-transform",
    roleArn: access.arn,
    command: { scriptLocation: pulumi.interpolate`s3://${bucket.bucket}/a/text.txt`, pythonVersion: "3" },
    defaultArguments: { "--variant": variant },
    executionProperty: { maxConcurrentRuns: 2 },
    glueVersion: "5.1",
    numberOfWorkers: 2,
    workerType: "G.1X",
    securityConfiguration: security.name,
    timeout: 60,
  });
  return database;
}

function schedules(variant: string, access: Access, letters: aws.sqs.Queue, lambda: aws.lambda.Function) {
  const machine = new aws.sfn.StateMachine("flow", {
    name: "every-type-flow",
    roleArn: access.arn,
    definition: JSON.stringify({ Comment: variant, StartAt: "Done", States: { Done: { Type: "Succeed" } } }),
  });
  const rule = new aws.cloudwatch.EventRule("approved", {
    name: "every-type-approved",
    description: variant,
    eventPattern: JSON.stringify({ source: ["aws.sagemaker"] }),
  });
  new aws.cloudwatch.EventTarget("approved", {
    rule: rule.name,
    arn: lambda.arn,
    deadLetterConfig: { arn: letters.arn },
    retryPolicy: { maximumRetryAttempts: variant === "one" ? 3 : 4 },
  });
  const connection = new aws.cloudwatch.EventConnection("api", {
    name: "every-type-api",
    description: variant,
    authorizationType: "API_KEY",
    authParameters: { apiKey: { key: "Authorization", value: variant } },
  });
  const destination = new aws.cloudwatch.EventApiDestination("api", {
    name: "every-type-api",
    description: variant,
    connectionArn: connection.arn,
    httpMethod: "POST",
    invocationEndpoint: "https://example.org/events",
  });
  new aws.cloudwatch.EventTarget("api", {
    rule: rule.name,
    arn: destination.arn,
    roleArn: access.arn,
    httpTarget: { headerParameters: { Accept: "text/plain" } },
    inputTransformer: { inputPaths: { at: "$.time" }, inputTemplate: `{"variant":"${variant}","at":<at>}` },
  });
  new aws.scheduler.Schedule("dawn", {
    name: "dawn",
    scheduleExpression: variant === "one" ? "cron(0 5 * * ? *)" : "cron(0 6 * * ? *)",
    scheduleExpressionTimezone: "Europe/Berlin",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: machine.arn, roleArn: access.arn, input: "{}", deadLetterConfig: { arn: letters.arn } },
  });
  return machine;
}

function observation(variant: string, replaced: boolean, topic: aws.sns.Topic) {
  const group = new aws.cloudwatch.LogGroup("logs", {
    name: "/every/type",
    ...(replaced ? { logGroupClass: "INFREQUENT_ACCESS" } : {}),
    retentionInDays: variant === "one" ? 30 : 60,
  });
  new aws.cloudwatch.LogStream("logs", { name: "delivery", logGroupName: group.name });
  const alarm = new aws.cloudwatch.MetricAlarm("drift", {
    name: "every-type-drift",
    namespace: "Daybreak",
    metricName: "DriftedFeatures",
    dimensions: { Pipeline: "cdnow" },
    statistic: "Maximum",
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: variant === "one" ? 1 : 2,
    period: 60,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    alarmActions: [topic.arn],
  });
  new aws.cloudwatch.CompositeAlarm("both", {
    alarmName: "every-type-both",
    alarmDescription: variant,
    alarmRule: pulumi.interpolate`ALARM("${alarm.name}")`,
    alarmActions: [topic.arn],
  });
  new aws.cloudwatch.Dashboard("board", {
    dashboardName: "every-type",
    dashboardBody: JSON.stringify({
      widgets: [{ type: "text", x: 0, y: 0, width: 6, height: 3, properties: { markdown: variant } }],
    }),
  });
  return alarm;
}

function models(replaced: boolean, bucket: aws.s3.Bucket, access: Access, database: pulumi.Output<string>) {
  const features = new aws.sagemaker.FeatureGroup("features", {
    featureGroupName: "every-type",
    recordIdentifierFeatureName: "customer",
    eventTimeFeatureName: "event_time",
    roleArn: access.arn,
    featureDefinitions: ["customer", "event_time", ...(replaced ? ["spend"] : [])].map((featureName) => ({
      featureName,
      featureType: "String",
    })),
    onlineStoreConfig: { enableOnlineStore: true },
    offlineStoreConfig: {
      tableFormat: "Iceberg",
      dataCatalogConfig: { catalog: "AwsDataCatalog", database, tableName: "features" },
      s3StorageConfig: { s3Uri: pulumi.interpolate`s3://${bucket.bucket}/features/` },
    },
  });
  const packages = new aws.sagemaker.ModelPackageGroup("models", {
    modelPackageGroupName: "every-type",
  });
  new aws.sagemaker.ModelPackageGroupPolicy("models", {
    modelPackageGroupName: packages.modelPackageGroupName,
    resourcePolicy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Principal: "*", Action: "sagemaker:ListModelPackages", Resource: packages.arn },
    }),
  });
  return { features, packages };
}

/** The program in the variant that the test needs. */
function everyType(variant: "one" | "two", replaced: boolean, without: readonly "observation"[]) {
  const key = new aws.kms.Key("lake", { description: variant, enableKeyRotation: true, deletionWindowInDays: 7 });
  new aws.kms.Alias("lake", { name: "alias/every-type", targetKeyId: key.keyId });
  const access = new Access("access", variant);
  const bucket = storage(variant, key);
  const { lambda, url } = compute(variant, access);
  const { topic, letters } = messaging(variant, lambda);
  const stream = streaming(variant, bucket, access, key);
  const database = catalog(variant, bucket, access, key);
  const machine = schedules(variant, access, letters, lambda);
  const secret = new aws.secretsmanager.Secret("slack", {
    name: "every-type/slack",
    description: variant,
    kmsKeyId: key.arn,
  });
  if (!without.includes("observation")) observation(variant, replaced, topic);
  models(replaced, bucket, access, database.name);
  return {
    account: aws.getCallerIdentityOutput().accountId,
    bucket: bucket.bucket,
    database: database.name,
    functionArn: lambda.arn,
    functionUrl: url.functionUrl,
    machineArn: machine.arn,
    secretArn: secret.arn,
    streamName: stream.name,
    topicArn: topic.arn,
  };
}

/** The program that `--program` runs; environment variables select the variant. */
export const program = async () => {
  const variant = process.env.EVERY_TYPE_VARIANT === "two" ? "two" : "one";
  if (process.env.EVERY_TYPE_VARIANT === "broken") {
    new aws.s3.Bucket("lake", { bucket: "every-type-lake" }).arn.apply(() => {
      throw new Error("broken on purpose");
    });
    return {};
  }
  const { EVERY_TYPE_REPLACED: replaced, EVERY_TYPE_WITHOUT_OBSERVATION: without } = process.env;
  return everyType(variant, replaced !== undefined, without ? ["observation"] : []);
};
