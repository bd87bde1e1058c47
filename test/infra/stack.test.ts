import { beforeAll, describe, expect, it } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { list, type PolicyStatement, type Recorded, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

const custom = (stack: Recording) => stack.resources.filter((resource) => resource.custom);
const names = (resources: readonly Recorded[], input = "name") => resources.map(({ inputs }) => inputs[input]).sort();
const statementsOf = (resource: Recorded) =>
  Recording.document<{ Statement: PolicyStatement[] }>(resource, "policy").Statement;
const region = "us-east-1:123456789012";

const longest = "p".repeat(24);
const settings = { alertEmails: ["team@example.org"] };
let stack: Recording;

beforeAll(async () => {
  // An output in a plain text is an error, not silent garbage.
  process.env.PULUMI_ERROR_OUTPUT_STRING = "1";
  stack = await runStack(makeConfig([makeSpec()], settings));
});

describe("the stack of one pipeline", () => {
  it("gives what the contract says", () => {
    expect(stack.outputs).toEqual({
      lakeBucket: "daybreak-dev-lake-123456789012",
      codeBucket: "daybreak-dev-code-123456789012",
      alertsTopicArn: `arn:aws:sns:${region}:daybreak-dev-alerts`,
      slackSecretArn: `arn:aws:secretsmanager:${region}:secret:daybreak-dev/slack-webhook-AbCdEf`,
      pipelines: {
        shop: {
          streamName: "daybreak-dev-shop",
          database: "daybreak_dev_shop",
          featureGroup: "daybreak-dev-shop",
          modelPackageGroup: "daybreak-dev-shop",
          endpointName: "daybreak-dev-shop",
          pipelineStateMachineArn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-pipeline`,
          deploymentStateMachineArn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-deployment`,
          monitoringStateMachineArn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-monitoring`,
          predictFunctionName: "daybreak-dev-shop-serve-predict",
          predictUrl: "https://shop-serve-predict-url.lambda-url.us-east-1.on.aws/",
          driftAlarmNames: ["daybreak-dev-shop-drift-features", "daybreak-dev-shop-drift-predictions"],
          dashboardName: "daybreak-dev-shop",
        },
      },
    });
  });

  it("names everything once", () => {
    const urns = stack.resources.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
  });

  it("puts every resource into the component that makes it", () => {
    for (const resource of custom(stack)) expect(resource.parent).toContain("daybreak:");
    const [predict] = stack
      .all("aws:lambda/function:Function")
      .filter(({ name }) => name === "shop-serve-predict-function");
    expect(predict?.urn).toContain("daybreak:stage:Serve$daybreak:component:NodeFunction$aws:lambda/function:Function");
  });

  it("holds no output that was put into a text", () => {
    for (const { inputs } of custom(stack)) expect(JSON.stringify(inputs)).not.toContain("Calling [toString] on an");
  });

  describe("data at rest", () => {
    const dataKey = `arn:aws:kms:${region}:key/key-foundation-data-key`;
    const messagesKey = `arn:aws:kms:${region}:key/key-foundation-messages-key`;

    it("is encrypted with a key of ours that rotates", () => {
      for (const key of stack.all("aws:kms/key:Key")) expect(key.inputs.enableKeyRotation).toBe(true);
      expect(names(stack.all("aws:kms/alias:Alias"))).toEqual([
        "alias/daybreak-dev-data",
        "alias/daybreak-dev-messages",
      ]);
      const keys = {
        "aws:kinesis/stream:Stream": ({ inputs }: Recorded) => inputs.kmsKeyId,
        "aws:cloudwatch/logGroup:LogGroup": ({ inputs }: Recorded) => inputs.kmsKeyId,
        "aws:secretsmanager/secret:Secret": ({ inputs }: Recorded) => inputs.kmsKeyId,
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ({ inputs }: Recorded) =>
          (inputs.extendedS3Configuration as { kmsKeyArn: string }).kmsKeyArn,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ({
          inputs,
        }: Recorded) =>
          (inputs.rules as { applyServerSideEncryptionByDefault: { kmsMasterKeyId: string } }[])[0]
            ?.applyServerSideEncryptionByDefault.kmsMasterKeyId,
        "aws:sagemaker/featureGroup:FeatureGroup": ({ inputs }: Recorded) =>
          (inputs.onlineStoreConfig as { securityConfig: { kmsKeyId: string } }).securityConfig.kmsKeyId,
      };
      for (const [type, keyOf] of Object.entries(keys)) {
        expect(stack.all(type).length).toBeGreaterThan(0);
        for (const resource of stack.all(type)) expect({ type, key: keyOf(resource) }).toEqual({ type, key: dataKey });
      }
      for (const type of ["aws:sns/topic:Topic", "aws:sqs/queue:Queue"]) {
        for (const { inputs } of stack.all(type)) expect(inputs.kmsMasterKeyId).toBe(messagesKey);
      }
    });

    it("lies in buckets that are versioned, private, reached by TLS only, and that forget old versions", () => {
      const buckets = names(stack.all("aws:s3/bucket:Bucket"), "bucket");
      expect(buckets).toEqual(["daybreak-dev-code-123456789012", "daybreak-dev-lake-123456789012"]);
      for (const bucket of buckets) {
        const of = (type: string) =>
          stack.one(`aws:s3/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`, { bucket });
        expect(of("BucketVersioning").inputs.versioningConfiguration).toEqual({ status: "Enabled" });
        expect(of("BucketPublicAccessBlock").inputs).toEqual({
          bucket,
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        });
        expect(statementsOf(of("BucketPolicy"))).toEqual([
          {
            Sid: "DenyPlainTextS3",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [`arn:aws:s3:::${String(bucket)}`, `arn:aws:s3:::${String(bucket)}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ]);
        expect(of("BucketLifecycleConfiguration").inputs.rules).toContainEqual(
          expect.objectContaining({ noncurrentVersionExpiration: { noncurrentDays: 30 } }),
        );
      }
    });

    it("can be used by these services in their own name", () => {
      const used = Object.fromEntries(
        stack.all("aws:kms/key:Key").map((key) => [
          key.name,
          statementsOf(key).map(({ Principal, Action, Condition }) => ({
            principal: Principal,
            actions: list(Action).length,
            conditions: Object.keys(Object.values(Condition ?? {})[0] ?? {}),
          })),
        ]),
      );
      const account = { principal: { AWS: "arn:aws:iam::123456789012:root" }, actions: 1, conditions: [] };
      expect(used).toEqual({
        "foundation-data-key": [
          account,
          {
            principal: { Service: "logs.us-east-1.amazonaws.com" },
            actions: 7,
            conditions: ["kms:EncryptionContext:aws:logs:arn"],
          },
        ],
        "foundation-messages-key": [
          account,
          { principal: { Service: "cloudwatch.amazonaws.com" }, actions: 2, conditions: ["aws:SourceAccount"] },
          { principal: { Service: "events.amazonaws.com" }, actions: 2, conditions: [] },
          { principal: { Service: "sns.amazonaws.com" }, actions: 2, conditions: [] },
        ],
      });
    });

    it("cannot be deleted by accident", () => {
      const guarded = stack.resources.filter((resource) => resource.protect).map(({ name }) => name);
      expect(guarded.sort()).toEqual([
        "foundation-code-bucket",
        "foundation-data-key",
        "foundation-lake-bucket",
        "foundation-messages-key",
        "shop-features-group",
        "shop-registry-group",
      ]);
      for (const { inputs } of stack.all("aws:s3/bucket:Bucket")) expect(inputs.forceDestroy).toBe(false);
    });
  });

  describe("code", () => {
    it("stays where models refer to it: each object has the hash of its content in its key, and outlives the stack", () => {
      const objects = stack.all("aws:s3/bucketObjectv2:BucketObjectv2");
      for (const object of objects) {
        expect(object.retainOnDelete).toBe(true);
        expect(object.inputs.key).toMatch(/^(glue|model|pipelines\/shop)\/[0-9a-f]{16}(\/|\.json$)/);
      }
      const keys = objects.map(({ inputs }) => String(inputs.key).replace(/[0-9a-f]{16}/, "<hash>"));
      expect(keys).toEqual(
        expect.arrayContaining([
          "glue/<hash>/etl.zip",
          "glue/<hash>/train_dataset.py",
          "model/<hash>/sourcedir.tar.gz",
          "model/<hash>/source/train.py",
          "pipelines/shop/<hash>.json",
        ]),
      );
    });

    it("runs on Glue 5.1 with the lake's catalog, once at a time and without tries of its own", () => {
      const job = stack.one("aws:glue/job:Job", { name: "daybreak-dev-shop-transform" });
      expect(job.inputs).toMatchObject({
        glueVersion: "5.1",
        workerType: "G.1X",
        numberOfWorkers: 2,
        maxRetries: 0,
        timeout: 120,
        executionProperty: { maxConcurrentRuns: 1 },
        securityConfiguration: "daybreak-dev",
        roleArn: "arn:aws:iam::123456789012:role/daybreak-dev-shop-transform",
      });
      const given = job.inputs.defaultArguments as Record<string, string>;
      expect(given).toMatchObject({
        "--datalake-formats": "iceberg",
        "--lake_bucket": "daybreak-dev-lake-123456789012",
        "--database": "daybreak_dev_shop",
        "--feature_group": "daybreak-dev-shop",
        "--environment": "dev",
      });
      expect(given["--extra-py-files"]).toMatch(
        /^s3:\/\/daybreak-dev-code-123456789012\/glue\/[0-9a-f]{16}\/etl\.zip$/,
      );
      expect(given["--conf"]?.split(" --conf ")).toEqual([
        "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.lake.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog",
        "spark.sql.catalog.lake.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
        "spark.sql.catalog.lake.warehouse=s3://daybreak-dev-lake-123456789012/curated/shop",
        "spark.sql.catalog.lake.cache-enabled=false",
        "spark.sql.session.timeZone=UTC",
      ]);
      expect(names(stack.all("aws:glue/job:Job"))).toEqual(
        ["features", "quality", "train", "transform"].map((stage) => `daybreak-dev-shop-${stage}`),
      );
    });

    it("runs on Lambda with a log group, dead letters and nothing secret in its environment", () => {
      const functions = stack.all("aws:lambda/function:Function");
      expect(functions).toHaveLength(7);
      for (const { inputs } of functions) {
        expect(inputs).toMatchObject({
          runtime: "nodejs22.x",
          architectures: ["arm64"],
          handler: "index.handler",
          role: `arn:aws:iam::123456789012:role/${String(inputs.name)}`,
          tracingConfig: { mode: "Active" },
          loggingConfig: { logFormat: "Text", logGroup: `/aws/lambda/${String(inputs.name)}` },
        });
        const { targetArn } = inputs.deadLetterConfig as { targetArn: string };
        expect(targetArn).toMatch(/^arn:aws:sqs:.*-dead-letters$/);
        const { variables } = inputs.environment as { variables: Record<string, string> };
        for (const value of Object.values(variables)) expect(value).not.toMatch(/https?:|hooks|password|token/i);
        stack.one("aws:cloudwatch/logGroup:LogGroup", { name: `/aws/lambda/${String(inputs.name)}` });
      }
    });

    it("comes with the pipeline's description where a Lambda works by it", async () => {
      const files = (name: string) => {
        const { code } = stack.one("aws:lambda/function:Function", { name }).inputs;
        return (code as pulumi.asset.AssetArchive).assets as Promise<Record<string, pulumi.asset.StringAsset>>;
      };
      const predict = await files("daybreak-dev-shop-serve-predict");
      expect(Object.keys(predict)).toEqual(["index.js", "pipeline.json"]);
      expect(JSON.parse((await predict["pipeline.json"]?.text) ?? "")).toEqual(makeSpec());
      expect(Object.keys(await files("daybreak-dev-shop-serve-start"))).toEqual(["index.js"]);
    });
  });

  describe("events", () => {
    it("land in the lake one a line, by the hour, errors apart", () => {
      const [delivery] = stack.all("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream");
      expect(delivery?.inputs).toMatchObject({
        destination: "extended_s3",
        kinesisSourceConfiguration: { kinesisStreamArn: `arn:aws:kinesis:${region}:stream/daybreak-dev-shop` },
        extendedS3Configuration: {
          bucketArn: "arn:aws:s3:::daybreak-dev-lake-123456789012",
          prefix: "raw/shop/!{timestamp:yyyy/MM/dd/HH}/",
          errorOutputPrefix: "raw-errors/shop/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
          compressionFormat: "GZIP",
          bufferingInterval: 300,
          bufferingSize: 64,
          processingConfiguration: {
            enabled: true,
            processors: [
              {
                type: "AppendDelimiterToRecord",
                parameters: [{ parameterName: "Delimiter", parameterValue: "\\n" }],
              },
            ],
          },
        },
      });
    });

    it("of an approval start a deployment", () => {
      const rule = stack.one("aws:cloudwatch/eventRule:EventRule", { name: "daybreak-dev-shop-approved" });
      expect(Recording.document(rule, "eventPattern")).toEqual({
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        detail: { ModelPackageGroupName: ["daybreak-dev-shop"], ModelApprovalStatus: ["Approved"] },
      });
      invokes("daybreak-dev-shop-approved", "daybreak-dev-shop-serve-start");
      const start = stack.one("aws:lambda/function:Function", { name: "daybreak-dev-shop-serve-start" });
      expect(start.inputs.environment).toMatchObject({
        variables: {
          DEPLOYMENT_STATE_MACHINE_ARN: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-deployment`,
        },
      });
    });

    it("of a drift alarm start a training run", () => {
      const rule = stack.one("aws:cloudwatch/eventRule:EventRule", { name: "daybreak-dev-shop-drifted" });
      expect(Recording.document(rule, "eventPattern")).toEqual({
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: {
          alarmName: ["daybreak-dev-shop-drift-features", "daybreak-dev-shop-drift-predictions"],
          state: { value: ["ALARM"] },
        },
      });
      invokes("daybreak-dev-shop-drifted", "daybreak-dev-shop-monitor-retrain");
    });

    function invokes(rule: string, functionName: string): void {
      const target = stack.one("aws:cloudwatch/eventTarget:EventTarget", { rule });
      expect(target.inputs).toMatchObject({
        arn: `arn:aws:lambda:${region}:function:${functionName}`,
        deadLetterConfig: { arn: `arn:aws:sqs:${region}:daybreak-dev-shop-dead-letters` },
        retryPolicy: { maximumRetryAttempts: 60 },
      });
      const permission = stack.one("aws:lambda/permission:Permission", { function: functionName });
      expect(permission.inputs).toMatchObject({
        principal: "events.amazonaws.com",
        sourceArn: `arn:aws:events:${region}:rule/${rule}`,
      });
    }

    it("that fail for good are kept, by whom the queue lets send, and an alarm says so", () => {
      const policy = stack.one("aws:sqs/queuePolicy:QueuePolicy", {
        queueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/daybreak-dev-shop-dead-letters",
      });
      expect(statementsOf(policy)[0]).toMatchObject({
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Condition: { ArnLike: { "aws:SourceArn": `arn:aws:events:${region}:rule/daybreak-dev-shop-*` } },
      });
      for (const queue of stack.all("aws:sqs/queue:Queue")) {
        const alarm = stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name: queue.inputs.name });
        expect(alarm.inputs).toMatchObject({
          metricName: "ApproximateNumberOfMessagesVisible",
          dimensions: { QueueName: queue.inputs.name },
          threshold: 1,
        });
      }
    });
  });

  describe("alerts", () => {
    it("reach Slack, and again from the dead letters, and the team by e-mail", () => {
      const subscriptions = stack.all("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs);
      expect(subscriptions).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ protocol: "email", endpoint: "team@example.org" }),
          expect.objectContaining({
            protocol: "lambda",
            endpoint: `arn:aws:lambda:${region}:function:daybreak-dev-alert-slack`,
            redrivePolicy: JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:${region}:daybreak-dev-dead-letters` }),
          }),
        ]),
      );
      expect(subscriptions).toHaveLength(2);
    });

    it("come from these alarms, each of which says what it means", () => {
      const alarms = stack.all("aws:cloudwatch/metricAlarm:MetricAlarm");
      expect(names(alarms)).toEqual([
        "daybreak-dev-dead-letters",
        "daybreak-dev-shop-dead-letters",
        "daybreak-dev-shop-delivery-late",
        "daybreak-dev-shop-deployment-failed",
        "daybreak-dev-shop-deployment-timed-out",
        "daybreak-dev-shop-drift-features",
        "daybreak-dev-shop-drift-predictions",
        "daybreak-dev-shop-endpoint-errors",
        "daybreak-dev-shop-endpoint-latency",
        "daybreak-dev-shop-monitoring-failed",
        "daybreak-dev-shop-monitoring-timed-out",
        "daybreak-dev-shop-pipeline-failed",
        "daybreak-dev-shop-pipeline-timed-out",
      ]);
      for (const { inputs } of alarms) {
        expect(inputs.alarmActions).toEqual([`arn:aws:sns:${region}:daybreak-dev-alerts`]);
        expect(inputs.treatMissingData).toBe("notBreaching");
        expect(String(inputs.alarmDescription).length).toBeGreaterThan(40);
      }
    });

    it("of drift follow the pipeline's limits", () => {
      const alarm = (name: string) => stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name }).inputs;
      const dimensions = { Environment: "dev", Pipeline: "shop" };
      expect(alarm("daybreak-dev-shop-drift-features")).toMatchObject({
        namespace: "Daybreak",
        metricName: "DriftedFeatures",
        dimensions,
        threshold: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
      });
      expect(alarm("daybreak-dev-shop-drift-predictions")).toMatchObject({
        metricName: "PredictionDrift",
        dimensions,
        threshold: 0.25,
      });
      expect(alarm("daybreak-dev-shop-endpoint-latency")).toMatchObject({
        metricName: "ModelLatency",
        extendedStatistic: "p99",
        threshold: 500_000,
      });
    });

    it("may be published by alarms of this account, over TLS", () => {
      const [policy] = stack.all("aws:sns/topicPolicy:TopicPolicy");
      expect(policy === undefined ? [] : statementsOf(policy)).toMatchObject([
        {
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
        { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
      ]);
    });

    it("need a secret whose value is in no state", () => {
      expect(names(stack.all("aws:secretsmanager/secret:Secret"))).toEqual(["daybreak-dev/slack-webhook"]);
      expect(stack.resources.some(({ type }) => type.includes("secretVersion"))).toBe(false);
    });
  });

  it("forgets logs after the time that the environment says", () => {
    const groups = stack.all("aws:cloudwatch/logGroup:LogGroup");
    expect(groups).toHaveLength(14);
    for (const { inputs } of groups) expect(inputs.retentionInDays).toBe(90);
    for (const { inputs } of stack.all("aws:sfn/stateMachine:StateMachine")) {
      const destination = `arn:aws:logs:${region}:log-group:/aws/vendedlogs/states/${String(inputs.name)}:*`;
      expect(inputs.loggingConfiguration).toMatchObject({ level: "ERROR", logDestination: destination });
    }
  });

  it("keeps features online and offline, offline as the Iceberg table that the jobs append to", () => {
    const [group] = stack.all("aws:sagemaker/featureGroup:FeatureGroup");
    expect(group?.inputs).toMatchObject({
      featureGroupName: "daybreak-dev-shop",
      recordIdentifierFeatureName: "user_id",
      eventTimeFeatureName: "event_time",
      featureDefinitions: [
        { featureName: "user_id", featureType: "String" },
        { featureName: "event_time", featureType: "String" },
        { featureName: "spend", featureType: "Fractional" },
        { featureName: "orders", featureType: "Integral" },
        { featureName: "country", featureType: "String" },
      ],
      onlineStoreConfig: { enableOnlineStore: true },
      offlineStoreConfig: {
        tableFormat: "Iceberg",
        s3StorageConfig: { s3Uri: "s3://daybreak-dev-lake-123456789012/features/shop" },
        dataCatalogConfig: { catalog: "AwsDataCatalog", database: "daybreak_dev_shop", tableName: "features" },
        disableGlueTableCreation: false,
      },
    });
  });

  it("shows the loop on a dashboard: traffic, latency, errors, drift of each feature, runs, volumes", () => {
    const [dashboard] = stack.all("aws:cloudwatch/dashboard:Dashboard");
    const body = String(dashboard?.inputs.dashboardBody);
    const wanted = ["Invocations", "Invocation5XXErrors", "ModelLatency", "PredictionDrift", "ExecutionsFailed"];
    for (const metric of [...wanted, "IncomingRecords", "DeliveryToS3.Records", "MonitoredSamples"]) {
      expect(body).toContain(`"${metric}"`);
    }
    for (const feature of ["spend", "orders", "country"]) expect(body).toContain(`"Feature","${feature}"`);
  });

  it("asks for predictions by signed requests only", () => {
    expect(names(stack.all("aws:lambda/functionUrl:FunctionUrl"), "authorizationType")).toEqual(["AWS_IAM"]);
  });
});

describe("schedules", () => {
  it("start a run at dawn of the pipeline's time zone, that trains or does not, but not both", async () => {
    const spec = makeSpec("shop", { schedule: { time: "05:30", time_zone: "Europe/Berlin", train: "weekly" } });
    const weekly = await runStack(makeConfig([spec]));
    const schedules = weekly.all("aws:scheduler/schedule:Schedule");
    const all = new Map(schedules.map(({ inputs }) => [inputs.name, inputs]));
    expect([...all.keys()].sort()).toEqual([
      "daybreak-dev-shop-dawn-features",
      "daybreak-dev-shop-dawn-train",
      "daybreak-dev-shop-drift-check",
    ]);
    expect(all.get("daybreak-dev-shop-dawn-features")).toMatchObject({
      scheduleExpression: "cron(30 5 ? * SUN,TUE,WED,THU,FRI,SAT *)",
      scheduleExpressionTimezone: "Europe/Berlin",
      state: "ENABLED",
      target: {
        arn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-pipeline`,
        roleArn: "arn:aws:iam::123456789012:role/daybreak-dev-shop-dawn",
        deadLetterConfig: { arn: `arn:aws:sqs:${region}:daybreak-dev-shop-dead-letters` },
      },
    });
    const train = all.get("daybreak-dev-shop-dawn-train");
    expect(train?.scheduleExpression).toBe("cron(30 5 ? * MON *)");
    expect(train?.target).toMatchObject({
      input: JSON.stringify({
        mode: "train",
        scheduledAt: "<aws.scheduler.scheduled-time>",
        trigger: { type: "schedule", actor: "daybreak-dev-shop-dawn-train" },
      }),
    });
    expect(all.get("daybreak-dev-shop-drift-check")).toMatchObject({
      scheduleExpression: "rate(24 hours)",
      target: { arn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-monitoring` },
    });
  });
});

describe("an environment that may be thrown away", () => {
  it("protects nothing, empties its buckets, starts nothing by itself; with the longest names", async () => {
    const changes = { environment: "staging", protectData: false, schedulesEnabled: false };
    const config = makeConfig([makeSpec(longest)], { ...changes, streamShards: 2, canaryWaitSeconds: 1 });
    const thrown = await runStack(config);
    expect(thrown.resources.filter((resource) => resource.protect)).toEqual([]);
    for (const { inputs } of thrown.all("aws:s3/bucket:Bucket")) expect(inputs.forceDestroy).toBe(true);
    for (const { inputs } of thrown.all("aws:scheduler/schedule:Schedule")) expect(inputs.state).toBe("DISABLED");
    expect(thrown.all("aws:kinesis/stream:Stream")[0]?.inputs).toMatchObject({
      shardCount: 2,
      streamModeDetails: { streamMode: "PROVISIONED" },
    });
    const name = `daybreak-staging-${longest}-deployment`;
    const deployment = thrown.one("aws:sfn/stateMachine:StateMachine", { name });
    expect(String(deployment.inputs.definition)).toContain('"WaitIntervalInSeconds":1');
  });
});

describe("several pipelines", () => {
  it("add to the stack without touching each other", async () => {
    const other = makeSpec(longest, { alerts: { slack: false, email: ["a@example.org"] } });
    const both = await runStack(makeConfig([makeSpec(), other], settings));
    const urns = both.resources.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
    const physical = custom(both)
      .filter(({ inputs }) => typeof inputs.name === "string" && inputs.name !== "permissions")
      .filter(({ type }) => !/catalogTable|logStream/.test(type))
      .map(({ type, inputs }) => `${type} ${String(inputs.name)}`);
    expect(new Set(physical).size).toBe(physical.length);
    const after = new Map(both.resources.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
    const changed = custom(stack).filter(({ urn, inputs }) => after.get(urn) !== JSON.stringify(inputs));
    // What is shared knows of both pipelines; everything else of the first is as it was.
    expect(changed.map(({ name }) => name).sort()).toEqual(["alerts-slack-function", "foundation-lake-lifecycle"]);
    const slack = both.one("aws:lambda/function:Function", { name: "daybreak-dev-alert-slack" });
    expect(slack.inputs.environment).toMatchObject({ variables: { SLACK_MUTED_PIPELINES: longest } });
  });
});
