/** Encryption, deletion protection, delivery of events and alerts. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { alarmsOnAlarms } from "../../lambdas/alert-slack/classify";
import { list, type PolicyStatement, type Recorded, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

const names = (resources: readonly Recorded[], input = "name") => resources.map(({ inputs }) => inputs[input]).sort();
const statementsOf = (resource: Recorded) =>
  Recording.document<{ Statement: PolicyStatement[] }>(resource, "policy").Statement;
const region = "us-east-1:123456789012";
let stack: Recording;

beforeAll(async () => {
  stack = await runStack(makeConfig([makeSpec()], { alertEmails: ["team@example.org"], monthlyBudget: 300 }));
});

describe("data at rest", () => {
  const dataKey = `arn:aws:kms:${region}:key/key-foundation-data-key`;
  const messagesKey = `arn:aws:kms:${region}:key/key-foundation-messages-key`;

  it("is encrypted with customer-managed keys that rotate", () => {
    for (const key of stack.all("aws:kms/key:Key")) expect(key.inputs.enableKeyRotation).toBe(true);
    expect(names(stack.all("aws:kms/alias:Alias"))).toEqual(["alias/daybreak-dev-data", "alias/daybreak-dev-messages"]);
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

  it("is in private, versioned buckets that require TLS and expire old versions", () => {
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

  it("is encrypted with keys whose policies admit only the account and the expected service principals", () => {
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
        { principal: { Service: "budgets.amazonaws.com" }, actions: 2, conditions: ["aws:SourceAccount"] },
        { principal: { Service: "events.amazonaws.com" }, actions: 2, conditions: [] },
        { principal: { Service: "sns.amazonaws.com" }, actions: 2, conditions: [] },
      ],
    });
  });

  it("expires where it is personal or intermediate, and its old versions everywhere", () => {
    const rulesOf = (name: string) => {
      const all = stack.all("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
      const rules = all.find((one) => one.name === name)?.inputs.rules ?? [];
      return rules as { filter: { prefix: string }; expiration?: { days: number } }[];
    };
    const expired = (name: string) =>
      Object.fromEntries(
        rulesOf(name).flatMap(({ filter, expiration }) => (expiration ? [[filter.prefix, expiration.days]] : [])),
      );
    expect(expired("foundation-lake-lifecycle")).toEqual({
      "curated/shop/staged/data/": 7,
      "scores/shop/sets/": 7,
      "datasets/": 365,
      "captures/": 90,
    });
    expect(expired("foundation-code-lifecycle")).toEqual({});
    for (const name of ["foundation-lake-lifecycle", "foundation-code-lifecycle"]) {
      expect(rulesOf(name)).toContainEqual(
        expect.objectContaining({ filter: { prefix: "" }, noncurrentVersionExpiration: { noncurrentDays: 30 } }),
      );
    }
  });

  it("in tables is kept as long as the job that writes the table was told", () => {
    const retention = (job: string) => {
      const { defaultArguments } = stack.one("aws:glue/job:Job", { name: `daybreak-dev-shop-${job}` }).inputs;
      const datasets: Record<string, { snapshot_days?: number; row_days?: number }> = JSON.parse(
        (defaultArguments as Record<string, string>)["--datasets"] ?? "{}",
      );
      return Object.fromEntries(
        Object.entries(datasets).flatMap(([name, { snapshot_days, row_days }]) =>
          snapshot_days === undefined ? [] : [[name, [snapshot_days, row_days]]],
        ),
      );
    };
    expect(retention("transform")).toEqual({ staged: [7, undefined] });
    expect(retention("quality")).toEqual({
      events: [365, undefined],
      quarantine: [7, 90],
      processed_files: [7, undefined],
    });
    expect(retention("features")).toEqual({ features: [365, undefined] });
    expect(retention("score")).toEqual({ scores: [7, undefined] });
    expect(retention("train-dataset")).toEqual({});
    expect(retention("monitor-checks")).toEqual({ outcomes: [7, undefined] });
  });

  it("is protected from deletion", () => {
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

describe("events", () => {
  it("are delivered to the lake one per line in hourly folders, with errors in a separate folder", () => {
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

  it("start a deployment when a model version is approved", () => {
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
        SERVE_STATE_MACHINE_ARN: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-serve`,
      },
    });
  });

  it("start a training run when an alarm of drift or quality fires", () => {
    const rule = stack.one("aws:cloudwatch/eventRule:EventRule", { name: "daybreak-dev-shop-drifted" });
    expect(Recording.document(rule, "eventPattern")).toEqual({
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      detail: {
        alarmName: ["daybreak-dev-shop-drift-features", "daybreak-dev-shop-drift-scores", "daybreak-dev-shop-quality"],
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

  it("go to a dead-letter queue with an alarm after all retries have failed", () => {
    const policy = stack.one("aws:sqs/queuePolicy:QueuePolicy", {
      queueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/daybreak-dev-shop-dead-letters",
    });
    expect(statementsOf(policy)[0]).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Condition: {
        ArnEquals: {
          "aws:SourceArn": ["approved", "drifted"].map(
            (end) => `arn:aws:events:${region}:rule/daybreak-dev-shop-${end}`,
          ),
        },
      },
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
  it("are sent to Slack, with a dead-letter queue, and to the e-mail subscribers", () => {
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

  it("come from the expected alarms, each with a description", () => {
    const alarms = stack.all("aws:cloudwatch/metricAlarm:MetricAlarm");
    expect(names(alarms)).toEqual([
      "daybreak-dev-dead-letters",
      "daybreak-dev-shop-checks-skipped",
      "daybreak-dev-shop-dead-letters",
      "daybreak-dev-shop-delivery-late",
      "daybreak-dev-shop-drift-features",
      "daybreak-dev-shop-drift-scores",
      "daybreak-dev-shop-endpoint-errors",
      "daybreak-dev-shop-endpoint-latency",
      "daybreak-dev-shop-endpoint-runs",
      "daybreak-dev-shop-endpoint-unused",
      "daybreak-dev-shop-events-arrive",
      "daybreak-dev-shop-events-unread",
      "daybreak-dev-shop-monitor-failed",
      "daybreak-dev-shop-monitor-timed-out",
      "daybreak-dev-shop-predict-failed",
      "daybreak-dev-shop-predict-throttled",
      "daybreak-dev-shop-predict-unanswered",
      "daybreak-dev-shop-quality",
      "daybreak-dev-shop-run-failed",
      "daybreak-dev-shop-run-timed-out",
      "daybreak-dev-shop-serve-failed",
      "daybreak-dev-shop-serve-timed-out",
      "daybreak-dev-shop-serving",
    ]);
    const silent = ["events-unread", "endpoint-unused"].map((end) => `daybreak-dev-shop-${end}`);
    const others = ["events-arrive", "endpoint-runs", "predict-failed", "predict-throttled", "predict-unanswered"];
    const parts = [...silent, ...others.map((end) => `daybreak-dev-shop-${end}`)];
    for (const { inputs } of alarms) {
      const isPart = parts.includes(String(inputs.name));
      expect(inputs.alarmActions).toEqual(isPart ? undefined : [`arn:aws:sns:${region}:daybreak-dev-alert`]);
      expect(inputs.treatMissingData).toBe(silent.includes(String(inputs.name)) ? "breaching" : "notBreaching");
      expect(String(inputs.alarmDescription).length).toBeGreaterThan(40);
    }
  });

  it("of a muted pipeline are known by their names where they are on other alarms, which have no dimensions", () => {
    const joint = stack.all("aws:cloudwatch/compositeAlarm:CompositeAlarm");
    const ends = alarmsOnAlarms.map((end) => `daybreak-dev-shop-${end}`);
    expect(names(joint, "alarmName")).toEqual(ends.sort());
  });

  it("come once for predictions that fail, also where the Lambda cannot count them", () => {
    const alarm = stack.one("aws:cloudwatch/compositeAlarm:CompositeAlarm", {
      alarmName: "daybreak-dev-shop-predictions-fail",
    });
    const ends = ["failed", "unanswered", "throttled"];
    expect(alarm.inputs).toMatchObject({
      alarmRule: ends.map((end) => `ALARM("daybreak-dev-shop-predict-${end}")`).join(" OR "),
      alarmActions: [`arn:aws:sns:${region}:daybreak-dev-alert`],
    });
    const part = (end: string) =>
      stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name: `daybreak-dev-shop-predict-${end}` }).inputs;
    const ofLambda = { namespace: "AWS/Lambda", dimensions: { FunctionName: "daybreak-dev-shop-serve-predict" } };
    expect(part("unanswered")).toMatchObject({ ...ofLambda, metricName: "Url5xxCount", threshold: 1 });
    expect(part("throttled")).toMatchObject({ ...ofLambda, metricName: "Throttles", threshold: 1 });
  });

  it("come if an endpoint that may grow gets more requests than it should for half an hour", async () => {
    const autoscaling = { max_instances: 4, requests_per_instance: 100 };
    const growing = await runStack(makeConfig([makeSpec("shop", { serving: { autoscaling } })]));
    const name = "daybreak-dev-shop-endpoint-full";
    expect(growing.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name }).inputs).toMatchObject({
      metricName: "InvocationsPerInstance",
      ...{ statistic: "Sum", threshold: 101, period: 60, evaluationPeriods: 30, datapointsToAlarm: 30 },
      alarmDescription: expect.stringContaining("it has 4 instances already"),
    });
  });

  it("come if events arrive and Firehose reads none of them", () => {
    const alarm = stack.one("aws:cloudwatch/compositeAlarm:CompositeAlarm", {
      alarmName: "daybreak-dev-shop-delivery-stopped",
    });
    expect(alarm.inputs).toMatchObject({
      alarmRule: 'ALARM("daybreak-dev-shop-events-arrive") AND ALARM("daybreak-dev-shop-events-unread")',
      alarmActions: [`arn:aws:sns:${region}:daybreak-dev-alert`],
      alarmDescription: expect.stringContaining("See the log group /aws/kinesisfirehose/daybreak-dev-shop"),
    });
    const part = (name: string) => stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name }).inputs;
    expect(part("daybreak-dev-shop-events-unread")).toMatchObject({
      metricName: "DataReadFromKinesisStream.Records",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      statistic: "Sum",
    });
  });

  it("come for an endpoint that ran for a week without a request, and not while there is none", () => {
    const part = (name: string) => stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name }).inputs;
    const week = { period: 86_400, evaluationPeriods: 7, datapointsToAlarm: 7, threshold: 1 };
    expect(part("daybreak-dev-shop-endpoint-runs")).toMatchObject({
      ...week,
      metricName: "CPUUtilization",
      statistic: "SampleCount",
      treatMissingData: "notBreaching",
    });
    expect(part("daybreak-dev-shop-endpoint-unused")).toMatchObject({
      ...week,
      metricName: "Invocations",
      comparisonOperator: "LessThanThreshold",
      treatMissingData: "breaching",
    });
    const { inputs } = stack.one("aws:cloudwatch/compositeAlarm:CompositeAlarm", {
      alarmName: "daybreak-dev-shop-endpoint-idle",
    });
    expect(inputs.alarmRule).toBe(
      'ALARM("daybreak-dev-shop-endpoint-runs") AND ALARM("daybreak-dev-shop-endpoint-unused")',
    );
  });

  it("see a value that CloudWatch gets minutes after its time", () => {
    // These have a value in every minute of use, and a single bad minute is no finding.
    const dense = ["daybreak-dev-shop-delivery-late", "daybreak-dev-shop-endpoint-latency"];
    for (const { inputs } of stack.all("aws:cloudwatch/metricAlarm:MetricAlarm")) {
      const { name, period, evaluationPeriods: periods, datapointsToAlarm: breaching } = inputs;
      if (dense.includes(String(name)) || Number(period) >= 3600) continue;
      expect({ name, breaching }).toEqual({ name, breaching: 1 });
      expect({ name, seconds: Number(period) * Number(periods) >= 180 }).toEqual({ name, seconds: true });
    }
  });

  it.each([
    [1, 4, 3],
    [24, 4, 3],
    [48, 7, 3],
    [72, 7, 2],
    [168, 7, 1],
  ])("come if checks every %i hours have no result: on %i days, %i of them", async (hours, periods, breaching) => {
    const other = await runStack(makeConfig([makeSpec("shop", { monitoring: { every_hours: hours } })]));
    const name = "daybreak-dev-shop-checks-skipped";
    expect(other.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name }).inputs).toMatchObject({
      ...{ metricName: "DriftChecksSkipped", statistic: "Minimum", threshold: 1, period: 86_400 },
      ...{ evaluationPeriods: periods, datapointsToAlarm: breaching },
    });
  });

  it("use the thresholds from the pipeline spec", () => {
    const alarm = (name: string) => stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name }).inputs;
    const dimensions = { Environment: "dev", Pipeline: "shop" };
    expect(alarm("daybreak-dev-shop-drift-features")).toMatchObject({
      namespace: "Daybreak",
      metricName: "FeatureDrift",
      dimensions,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    expect(alarm("daybreak-dev-shop-quality")).toMatchObject({
      metricName: "QualityShortfall",
      dimensions,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    expect(alarm("daybreak-dev-shop-serving")).toMatchObject({
      metricName: "ServingSkew",
      dimensions,
      threshold: 0.01,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    expect(alarm("daybreak-dev-shop-drift-scores")).toMatchObject({
      metricName: "ScoreDrift",
      dimensions,
      threshold: 1,
    });
    expect(alarm("daybreak-dev-shop-endpoint-latency")).toMatchObject({
      metricName: "ModelLatency",
      extendedStatistic: "p99",
      threshold: 500_000,
    });
  });

  it("can be published only by this account's alarms and budgets, and only over TLS", () => {
    const [policy] = stack.all("aws:sns/topicPolicy:TopicPolicy");
    expect(policy === undefined ? [] : statementsOf(policy)).toMatchObject([
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
      {
        Effect: "Allow",
        Principal: { Service: "budgets.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: { "aws:SourceArn": "arn:aws:budgets::123456789012:*" },
        },
      },
      { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
  });

  it("come from a budget of the account, if it has an amount", () => {
    const { inputs } = stack.one("aws:budgets/budget:Budget", { name: "daybreak-dev" });
    expect(inputs).toMatchObject({ budgetType: "COST", timeUnit: "MONTHLY", limitAmount: "300", limitUnit: "USD" });
    const told = (inputs.notifications as Record<string, unknown>[]).map((one) => [
      one.notificationType,
      one.threshold,
      one.subscriberSnsTopicArns,
    ]);
    const topic = [`arn:aws:sns:${region}:daybreak-dev-alert`];
    expect(told).toEqual([
      ["ACTUAL", 80, topic],
      ["ACTUAL", 100, topic],
      ["FORECASTED", 100, topic],
    ]);
  });

  it("use a Slack secret whose value is not managed by Pulumi", () => {
    expect(names(stack.all("aws:secretsmanager/secret:Secret"))).toEqual(["daybreak-dev/slack-webhook"]);
    expect(stack.resources.some(({ type }) => type.includes("secretVersion"))).toBe(false);
  });
});

/** The log groups to which Glue writes the output of a job: their names depend on the security configuration. */
function glueLogGroups(job: Recorded): string[] {
  const name = job.inputs.securityConfiguration;
  const { inputs } = stack.one("aws:glue/securityConfiguration:SecurityConfiguration", { name });
  const { cloudwatchEncryption } = inputs.encryptionConfiguration as {
    cloudwatchEncryption: { cloudwatchEncryptionMode: string };
  };
  const renamed = cloudwatchEncryption.cloudwatchEncryptionMode === "DISABLED" ? "" : `-${String(name)}`;
  const prefix = (job.inputs.defaultArguments as Record<string, string>)["--custom-logGroup-prefix"];
  return ["output", "error"].map((kind) => `${prefix}/${kind}${renamed}`);
}

describe("logs", () => {
  it("of the Glue jobs go to groups that are declared, encrypted and granted", () => {
    const jobs = stack.all("aws:glue/job:Job");
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      const groups = glueLogGroups(job);
      for (const name of groups) {
        expect(stack.one("aws:cloudwatch/logGroup:LogGroup", { name }).inputs.kmsKeyId).toContain(":key/");
      }
      const write = stack.policyOf(String(job.inputs.name)).find(({ Sid }) => Sid === "WriteLogs");
      expect(write?.Resource).toEqual(groups.map((name) => `arn:aws:logs:${region}:log-group:${name}:*`));
    }
  });

  it("have the environment's retention period", () => {
    const groups = stack.all("aws:cloudwatch/logGroup:LogGroup");
    expect(groups).toHaveLength(18);
    for (const { inputs } of groups) expect(inputs.retentionInDays).toBe(90);
    for (const { inputs } of stack.all("aws:sfn/stateMachine:StateMachine")) {
      const destination = `arn:aws:logs:${region}:log-group:/aws/vendedlogs/states/${String(inputs.name)}:*`;
      expect(inputs.loggingConfiguration).toMatchObject({ level: "ERROR", logDestination: destination });
    }
  });
});
