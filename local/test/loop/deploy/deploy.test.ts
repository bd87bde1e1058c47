/** The deployer as the demo runs it, in a separate process, against dedicated local clouds. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeFeatureGroupCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { LocalCloud, type Run } from "./local-cloud";

/** The calls of every deployment: the caller's identity and the cloud's marker. */
const ALWAYS = ["SSM.GetParameter", "STS.GetCallerIdentity"];

const summaryOf = ({ last }: Run) => {
  if (last.type !== "outputs") throw new Error(`The deployment failed: ${JSON.stringify(last)}`);
  return last.summary as Record<"created" | "updated" | "replaced" | "unchanged" | "deleted", number> & {
    calls: object;
  };
};

describe("the stack of infra/", () => {
  const config = {
    "aws:region": "us-east-1",
    "daybreak:environment": "dev",
    "daybreak:pipelines": '["cdnow"]',
    "daybreak:protectData": "false",
    "daybreak:schedulesEnabled": "false",
    // Otherwise a commit made between the two deployments would be a change.
    "daybreak:gitCommit": "0123456",
  };
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await LocalCloud.start();
  });
  afterAll(() => cloud.stop());

  test("is deployed from nothing, and a second deployment calls nothing", async () => {
    const first = await cloud.deploy(config);
    const again = await cloud.deploy(config);

    expect(summaryOf(first)).toMatchObject({ updated: 0, unchanged: 0, deleted: 0 });
    expect(first.last.outputs).toMatchObject({
      lakeBucket: "daybreak-dev-lake-000000000000",
      pipelines: { cdnow: { featureGroup: "daybreak-dev-cdnow" } },
    });
    expect(summaryOf(again)).toMatchObject({ created: 0, updated: 0, deleted: 0, unchanged: summaryOf(first).created });
    expect(Object.keys(summaryOf(again).calls).sort()).toEqual(ALWAYS);
    expect(again.last.outputs).toEqual(first.last.outputs);
    expect(first.stderr + again.stderr).toBe("");
  });

  test("adds a feature to the feature group that exists, and refuses to change one", async () => {
    const pipelines = join(cloud.folder, "pipelines");
    cpSync(join(__dirname, "../../../../pipelines"), pipelines, { recursive: true });
    const yaml = join(pipelines, "cdnow", "pipeline.yaml");
    const edit = (from: string, to: string) => writeFileSync(yaml, readFileSync(yaml, "utf8").replace(from, to));
    const changed = { ...config, "daybreak:pipelinesFolder": pipelines };
    const { endpoint, credentials } = cloud;
    const sagemaker = new SageMakerClient({ endpoint, region: "us-east-1", credentials });
    const describeGroup = () =>
      sagemaker.send(new DescribeFeatureGroupCommand({ FeatureGroupName: "daybreak-dev-cdnow" }));
    const before = await describeGroup();

    edit("    spend_91_180:", "    days_seen: integer\n    spend_91_180:");
    const added = await cloud.deploy(changed);

    expect(summaryOf(added)).toMatchObject({ created: 0, deleted: 0 });
    const after = await describeGroup();
    expect(after.CreationTime).toEqual(before.CreationTime);
    expect(after.FeatureDefinitions?.at(-1)).toMatchObject({ FeatureName: "days_seen", FeatureType: "Integral" });
    expect(after.LastUpdateStatus?.Status).toBe("Successful");

    edit("    days_seen: integer", "    days_seen: double");
    const { last } = await cloud.deploy(changed);

    expect(last.message).toContain("days_seen was Integral and is now declared as Fractional");
    sagemaker.destroy();
  });
});

describe("a program with every type", () => {
  const program = join(__dirname, "every-type.ts");
  const config = { "aws:region": "us-east-1" };
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await LocalCloud.start();
  });
  afterAll(() => cloud.stop());

  test("resumes where it stopped after being killed", async () => {
    const killed = await cloud.deploy(config, { program, killAfter: 12 });
    const { total } = killed.last;
    expect(killed.last.type).toBe("resource");

    const resumed = await cloud.deploy(config, { program });

    expect(summaryOf(resumed).unchanged).toBeGreaterThanOrEqual(12);
    expect(summaryOf(resumed).unchanged + summaryOf(resumed).created).toBe(total);
    expect(summaryOf(await cloud.deploy(config, { program })).unchanged).toBe(total);
  });

  test("is changed in place in the cloud", async () => {
    const changed = await cloud.deploy(config, { program, environment: { EVERY_TYPE_VARIANT: "two" } });

    expect(summaryOf(changed)).toMatchObject({ created: 0, deleted: 0 });
    expect(summaryOf(changed).updated).toBeGreaterThan(20);
    const { endpoint, credentials } = cloud;
    const lambda = new LambdaClient({ endpoint, region: "us-east-1", credentials });
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "every-type-answer" }));
    expect(found.Environment?.Variables).toEqual({ VARIANT: "two" });
    lambda.destroy();
  });

  const replaced = { EVERY_TYPE_VARIANT: "two", EVERY_TYPE_REPLACED: "1" };

  test("needs confirmation for a replacement that would lose data", async () => {
    const refused = await cloud.deploy(config, { program, environment: replaced });
    expect(refused.last).toMatchObject({ type: "error", code: "DataWouldBeLost" });
    expect(refused.last.message).toContain("features is replaced, because featureDefinitions changed");

    const agreed = await cloud.deploy(config, { program, environment: replaced, yes: true });

    // The feature group; the log group with the stream in it.
    expect(summaryOf(agreed)).toMatchObject({ created: 0, updated: 0, replaced: 3, deleted: 0 });
    expect(summaryOf(await cloud.deploy(config, { program, environment: replaced }))).toMatchObject({ replaced: 0 });
  });

  test("deletes what it no longer declares", async () => {
    const environment = { ...replaced, EVERY_TYPE_WITHOUT_OBSERVATION: "1" };

    const without = await cloud.deploy(config, { program, environment });

    expect(summaryOf(without)).toMatchObject({ created: 0, updated: 0, deleted: 5 });
  });

  test("that fails in an apply reports it once and deletes nothing", async () => {
    const broken = await cloud.deploy(config, { program, environment: { EVERY_TYPE_VARIANT: "broken" } });

    expect(broken.code).toBe(1);
    expect(broken.last).toMatchObject({ type: "error", message: "The program failed: broken on purpose" });
    expect(broken.events.filter(({ action }) => action === "delete")).toEqual([]);
    expect(broken.stderr).toBe("");
  });

  test("fails with a clear error if no cloud is running", async () => {
    const none = await cloud.deploy(config, { program, endpoint: "http://127.0.0.1:1" });
    expect(none.last).toMatchObject({
      type: "error",
      code: "ECONNREFUSED",
      advice: expect.stringContaining("npx daybreak demo"),
    });
    expect(none.stderr).toBe("");
  });
});
