import { beforeAll, describe, expect, it } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { stackOutputs } from "../../contracts/stack-outputs";
import type { Recorded, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

const custom = (stack: Recording) => stack.resources.filter((resource) => resource.custom);
const names = (resources: readonly Recorded[], input = "name") => resources.map(({ inputs }) => inputs[input]).sort();
const region = "us-east-1:123456789012";
const lake = "s3://daybreak-dev-lake-123456789012";

const longest = "p".repeat(24);
const settings = { alertEmails: ["team@example.org"] };
let stack: Recording;

beforeAll(async () => {
  // Makes Pulumi throw if an output is used in a plain template string.
  process.env.PULUMI_ERROR_OUTPUT_STRING = "1";
  stack = await runStack(makeConfig([makeSpec()], settings));
});

describe("the stack of one pipeline", () => {
  it("returns the outputs of the contract", () => {
    expect(stackOutputs.parse(stack.outputs)).toEqual(stack.outputs);
    expect(stack.outputs).toEqual({
      lakeBucket: "daybreak-dev-lake-123456789012",
      codeBucket: "daybreak-dev-code-123456789012",
      alertTopicArn: `arn:aws:sns:${region}:daybreak-dev-alert`,
      slackSecretArn: `arn:aws:secretsmanager:${region}:secret:daybreak-dev/slack-webhook-AbCdEf`,
      pipelines: {
        shop: {
          streamName: "daybreak-dev-shop",
          database: "daybreak_dev_shop",
          featureGroup: "daybreak-dev-shop",
          modelPackageGroup: "daybreak-dev-shop",
          endpointName: "daybreak-dev-shop",
          runStateMachineArn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-run`,
          serveStateMachineArn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-serve`,
          monitorStateMachineArn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-monitor`,
          predictFunctionName: "daybreak-dev-shop-serve-predict",
          predictUrl: "https://shop-serve-predict-url.lambda-url.us-east-1.on.aws/",
          driftAlarmNames: ["daybreak-dev-shop-drift-features", "daybreak-dev-shop-drift-scores"],
          qualityAlarmName: "daybreak-dev-shop-quality",
          servingAlarmName: "daybreak-dev-shop-serving",
          dashboardName: "daybreak-dev-shop",
          datasets: {
            raw_events: { uri: `${lake}/raw/shop` },
            raw_errors: { uri: `${lake}/raw-errors/shop` },
            staged: { uri: `${lake}/curated/shop/staged`, table: "daybreak_dev_shop.staged" },
            events: { uri: `${lake}/curated/shop/events`, table: "daybreak_dev_shop.events" },
            processed_files: {
              uri: `${lake}/curated/shop/processed_files`,
              table: "daybreak_dev_shop.processed_files",
            },
            quarantine: { uri: `${lake}/quarantine/shop/quarantine`, table: "daybreak_dev_shop.quarantine" },
            features: { uri: `${lake}/features/shop`, table: "daybreak_dev_shop.features" },
            transform_state: { uri: `${lake}/reports/shop/transform` },
            feature_state: { uri: `${lake}/reports/shop/features` },
            training_state: { uri: `${lake}/reports/shop/train` },
            scoring_sets: { uri: `${lake}/scores/shop/sets` },
            score_reports: { uri: `${lake}/reports/shop/scores` },
            scores: { uri: `${lake}/scores/shop/table`, table: "daybreak_dev_shop.scores" },
            score_exports: { uri: `${lake}/scores/shop/exports` },
            training_sets: { uri: `${lake}/datasets/shop` },
            models: { uri: `${lake}/models/shop` },
            run_reports: { uri: `${lake}/reports/shop/runs` },
            captures: { uri: `${lake}/captures/shop` },
            drift_reports: { uri: `${lake}/reports/shop/drift` },
            outcomes: { uri: `${lake}/scores/shop/outcomes`, table: "daybreak_dev_shop.outcomes" },
            serving_reports: { uri: `${lake}/reports/shop/serving` },
            model_quality: { uri: `${lake}/reports/shop/model-quality` },
          },
        },
      },
    });
  });

  it("registers no URN twice", () => {
    const urns = stack.resources.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
  });

  it("makes every resource a child of its component", () => {
    for (const resource of custom(stack)) expect(resource.parent).toContain("daybreak:");
    const [predict] = stack
      .all("aws:lambda/function:Function")
      .filter(({ name }) => name === "shop-serve-predict-function");
    expect(predict?.urn).toContain("daybreak:stage:Serve$daybreak:component:NodeFunction$aws:lambda/function:Function");
  });

  it("has no output inside a plain template string", () => {
    for (const { inputs } of custom(stack)) expect(JSON.stringify(inputs)).not.toContain("Calling [toString] on an");
  });

  describe("code", () => {
    it("has a content hash in its key and is retained, because models refer to it", () => {
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
          "model/<hash>/source/train.py",
          "pipelines/shop/<hash>.json",
        ]),
      );
    });

    it("runs on Glue 5.1 with the Iceberg catalog, without concurrent runs or Glue retries", () => {
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
        "--custom-logGroup-prefix": "/aws-glue/jobs/daybreak-dev-shop",
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
        ["features", "monitor-checks", "quality", "score", "train-dataset", "transform"].map(
          (job) => `daybreak-dev-shop-${job}`,
        ),
      );
    });

    it("gives the monitor job the modules that measure a model", () => {
      const job = stack.one("aws:glue/job:Job", { name: "daybreak-dev-shop-monitor-checks" });
      const given = job.inputs.defaultArguments as Record<string, string>;
      const code = "s3:\\/\\/daybreak-dev-code-123456789012\\/glue\\/[0-9a-f]{16}";
      expect(given["--extra-py-files"]).toMatch(new RegExp(`^${code}\\/etl\\.zip,${code}\\/measuring\\.zip$`));
      expect(given).toMatchObject({ "--environment": "dev", "--namespace": "Daybreak" });
    });

    it("runs on Lambda with a log group, a dead-letter queue and no secrets in the environment", () => {
      const functions = stack.all("aws:lambda/function:Function");
      expect(functions).toHaveLength(11);
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

    it("includes the pipeline spec for Lambdas that need it", async () => {
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

  it("has a feature group with an online store and an Iceberg offline store", () => {
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
      onlineStoreConfig: { enableOnlineStore: true, storageType: "Standard" },
      offlineStoreConfig: {
        tableFormat: "Iceberg",
        s3StorageConfig: { s3Uri: "s3://daybreak-dev-lake-123456789012/features/shop" },
        dataCatalogConfig: { catalog: "AwsDataCatalog", database: "daybreak_dev_shop", tableName: "features" },
        disableGlueTableCreation: false,
      },
    });
  });

  it("adds features to the group before the job writes them, and never replaces the group for one", () => {
    const [group] = stack.all("aws:sagemaker/featureGroup:FeatureGroup");
    const [additions] = stack.all("aws:lambda/invocation:Invocation");
    expect(group?.ignoreChanges).toEqual(["featureDefinitions"]);
    expect(additions?.inputs.functionName).toBe("daybreak-dev-shop-features-add");
    expect(JSON.parse(String(additions?.inputs.input))).toEqual({
      featureGroup: "daybreak-dev-shop",
      definitions: group?.inputs.featureDefinitions,
    });
    const [component] = stack.all("daybreak:component:GlueJob").filter(({ name }) => name === "shop-features");
    expect(component?.dependsOn).toContain(additions?.urn);
  });

  it("has a dashboard with the metrics of every stage", () => {
    const [dashboard] = stack.all("aws:cloudwatch/dashboard:Dashboard");
    const body = String(dashboard?.inputs.dashboardBody);
    const wanted = ["Invocations", "Invocation5XXErrors", "ModelLatency", "ScoreDrift", "ExecutionsFailed"];
    for (const metric of [...wanted, "IncomingRecords", "DeliveryToS3.Records", "ScoredRows"]) {
      expect(body).toContain(`"${metric}"`);
    }
    for (const feature of ["spend", "orders", "country"]) expect(body).toContain(`"Feature","${feature}"`);
  });

  it("requires signed requests for predictions", () => {
    expect(names(stack.all("aws:lambda/functionUrl:FunctionUrl"), "authorizationType")).toEqual(["AWS_IAM"]);
  });
});

describe("schedules", () => {
  it("start one run a day in the pipeline's time zone, either training or features", async () => {
    const spec = makeSpec("shop", { schedule: { time: "05:30", time_zone: "Europe/Berlin", train: "weekly" } });
    const weekly = await runStack(makeConfig([spec]));
    const schedules = weekly.all("aws:scheduler/schedule:Schedule");
    const all = new Map(schedules.map(({ inputs }) => [inputs.name, inputs]));
    expect([...all.keys()].sort()).toEqual([
      "daybreak-dev-shop-check-regular",
      "daybreak-dev-shop-dawn-features",
      "daybreak-dev-shop-dawn-train",
    ]);
    expect(all.get("daybreak-dev-shop-dawn-features")).toMatchObject({
      scheduleExpression: "cron(30 5 ? * SUN,TUE,WED,THU,FRI,SAT *)",
      scheduleExpressionTimezone: "Europe/Berlin",
      state: "ENABLED",
      target: {
        arn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-run`,
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
    expect(all.get("daybreak-dev-shop-check-regular")).toMatchObject({
      scheduleExpression: "rate(24 hours)",
      target: { arn: `arn:aws:states:${region}:stateMachine:daybreak-dev-shop-monitor` },
    });
  });
});

describe("an environment without data protection and schedules", () => {
  it("protects no resource, empties its buckets on deletion and disables its schedules, with the longest names", async () => {
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
    const name = `daybreak-staging-${longest}-serve`;
    const deployment = thrown.one("aws:sfn/stateMachine:StateMachine", { name });
    expect(String(deployment.inputs.definition)).toContain('\\"WaitIntervalInSeconds\\": 1');
  });
});

describe("a new description in pipeline.yaml", () => {
  it("changes no input whose change would replace a resource that holds data", async () => {
    const changed = await runStack(makeConfig([makeSpec("shop", { description: "Another text" })], settings));
    for (const type of [
      "aws:sagemaker/featureGroup:FeatureGroup",
      "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    ]) {
      expect(changed.all(type).map(({ inputs }) => inputs)).toEqual(stack.all(type).map(({ inputs }) => inputs));
    }
  });
});

describe("long texts in pipeline.yaml", () => {
  it("become one line within the limits of Glue's catalog", async () => {
    const fields = {
      ...{ event_id: "string", event_time: "timestamp", user_id: "string", amount: "double" },
      note: { type: "string", description: `${"é".repeat(254)}\n${"x".repeat(99)}` },
      short: { type: "string", description: "  two\nlines " },
    };
    const description = `First\n${"d".repeat(5000)}`;
    const long = await runStack(makeConfig([makeSpec("shop", { description, events: { fields } })]));
    const [database] = long.all("aws:glue/catalogDatabase:CatalogDatabase");
    expect(database?.inputs.description).toBe(`First ${"d".repeat(2041)}…`);
    const table = long.one("aws:glue/catalogTable:CatalogTable", { name: "raw_events" });
    const { columns } = table.inputs.storageDescriptor as { columns: { name: string; comment: string }[] };
    const comments = Object.fromEntries(columns.map(({ name, comment }) => [name, comment]));
    expect(comments).toMatchObject({ note: `${"é".repeat(254)}…`, short: "two lines" });
    for (const comment of Object.values(comments)) expect(comment.length).toBeLessThanOrEqual(255);
  });
});

describe("several pipelines", () => {
  it("do not change each other's resources", async () => {
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
    // Only shared resources that list all pipelines may change.
    expect(changed.map(({ name }) => name).sort()).toEqual(["alert-slack-function", "foundation-lake-lifecycle"]);
    const slack = both.one("aws:lambda/function:Function", { name: "daybreak-dev-alert-slack" });
    expect(slack.inputs.environment).toMatchObject({ variables: { SLACK_MUTED_PIPELINES: longest } });
  });
});
