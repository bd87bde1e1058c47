/** The settings of the environments in this repository, and what they come to in the program. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { parseConfig } from "../../infra/config";
import { list, type PolicyStatement, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";
import { environments, programSettings, settingsOf } from "./support/whole-program";

describe("the settings", () => {
  it("are there for dev, staging and prod", () => {
    expect([...environments].sort()).toEqual(["dev", "prod", "staging"]);
  });

  it.each(environments)(
    "of %s are valid, for the environment of that name, and tag its resources so",
    (environment) => {
      const settings = settingsOf(environment);
      expect(parseConfig(programSettings(environment), String(settings["aws:region"])).environment).toBe(environment);
      expect(settings["aws:defaultTags"]).toMatchObject({ tags: { environment } });
    },
  );
});

describe("prod", () => {
  let stack: Recording;

  beforeAll(async () => {
    const single = makeSpec("shop", { serving: { instance_count: 1 } });
    stack = await runStack(makeConfig([single], programSettings("prod")), "prod");
  });

  it("keeps access logs of the lake and of the code in a bucket that only S3 fills, for these buckets alone", () => {
    const logs = "daybreak-prod-access-logs-123456789012";
    const sources = ["daybreak-prod-code-123456789012", "daybreak-prod-lake-123456789012"];
    const logging = stack.all("aws:s3/bucketLogging:BucketLogging").map(({ inputs }) => inputs);
    expect(logging.sort((one, other) => String(one.bucket).localeCompare(String(other.bucket)))).toEqual(
      sources.map((bucket) => ({ bucket, targetBucket: logs, targetPrefix: `${bucket}/` })),
    );
    const policy = stack.one("aws:s3/bucketPolicy:BucketPolicy", { bucket: logs });
    const statements = Recording.document<{ Statement: PolicyStatement[] }>(policy, "policy").Statement;
    const [write, ...others] = statements.filter(({ Effect }) => Effect === "Allow");
    expect(others).toEqual([]);
    expect(write).toMatchObject({ Principal: { Service: "logging.s3.amazonaws.com" }, Action: "s3:PutObject" });
    expect(list(write?.Resource).sort()).toEqual(sources.map((bucket) => `arn:aws:s3:::${logs}/${bucket}/*`));
    expect(list(write?.Condition?.ArnLike?.["aws:SourceArn"]).sort()).toEqual(
      sources.map((bucket) => `arn:aws:s3:::${bucket}`),
    );
    expect(write?.Condition?.StringEquals).toEqual({ "aws:SourceAccount": "123456789012" });
  });

  it("encrypts that bucket with S3's own keys, the only ones with which S3 delivers access logs", () => {
    const algorithms = stack
      .all("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
      .map(({ name, inputs }) => [name, JSON.stringify(inputs.rules).match(/aws:kms|AES256/)?.[0]]);
    expect(Object.fromEntries(algorithms)).toEqual({
      "foundation-access-logs-encryption": "AES256",
      "foundation-code-encryption": "aws:kms",
      "foundation-lake-encryption": "aws:kms",
    });
  });

  it("serves a pipeline of one instance with two, behind a canary", () => {
    const machine = stack.one("aws:sfn/stateMachine:StateMachine", { name: "daybreak-prod-shop-serve" });
    const definition = String(machine.inputs.definition);
    expect(definition).toMatch(/"InitialInstanceCount": ?2\b/);
    expect(definition).toContain("CANARY");
  });

  it("says in the alarm on late delivery that the stream keeps events for a week", () => {
    const alarm = stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", { name: "daybreak-prod-shop-delivery-late" });
    expect(alarm.inputs.alarmDescription).toContain("keeps them for 168 hours");
  });
});
