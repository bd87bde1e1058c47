import { afterEach, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { ConfigurationError, loadConfig, parseConfig } from "../../infra/config";

const valid = { environment: "dev" };

describe("parseConfig", () => {
  it("fills in defaults that are safe in production", () => {
    expect(parseConfig(valid, "eu-west-1")).toEqual({
      environment: "dev",
      region: "eu-west-1",
      modelImage: "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5",
      pipelinesFolder: "pipelines",
      alertEmails: [],
      logRetentionDays: 90,
      protectData: true,
      schedulesEnabled: true,
      firehoseBufferSeconds: 300,
      firehoseBufferMegabytes: 64,
      glueWorkers: 2,
      deploymentPollSeconds: 30,
    });
  });

  const mistakes: [string, Record<string, unknown>, RegExp][] = [
    ["a missing environment", {}, /daybreak:environment is missing/],
    ["an environment that is no name", { environment: "Production" }, /environment is "Production": must be 2 to 7/],
    ["an environment that is too long", { environment: "preproduction" }, /is "preproduction": must be 2 to 7/],
    [
      "an unknown key",
      { ...valid, logRetention: 7 },
      /daybreak:logRetention is not a key .* The keys are environment, /,
    ],
    ["a wrong type", { ...valid, protectData: "yes" }, /daybreak:protectData is "yes": .*boolean/],
    ["a retention that CloudWatch refuses", { ...valid, logRetentionDays: 10 }, /is 10: must be one of 1, 3, 5, 7/],
    ["a pipeline named twice", { ...valid, pipelines: ["a1", "a1"] }, /pipelines is \["a1","a1"\]: must not name/],
    ["no pipelines", { ...valid, pipelines: [] }, /daybreak:pipelines is \[\]/],
    ["an address that is none", { ...valid, alertEmails: ["me"] }, /daybreak:alertEmails\.0 is "me": .*email/],
    ["a buffer beyond Firehose's", { ...valid, firehoseBufferSeconds: 901 }, /is 901: .*900/],
    ["an image outside ECR", { ...valid, modelImage: "xgboost:3" }, /modelImage is "xgboost:3": must be <account>/],
  ];
  it.each(mistakes)("refuses %s", (_what, raw, message) => {
    expect(() => parseConfig(raw, "us-east-1")).toThrow(message);
  });

  it("names all mistakes at once", () => {
    const parse = () => parseConfig({ environment: "X", glueWorkers: 0, typo: 1 }, "moon-1");
    expect(parse).toThrow(ConfigurationError);
    try {
      parse();
    } catch (error) {
      expect((error as ConfigurationError).mistakes).toHaveLength(4);
    }
  });

  it("refuses a region whose image it does not know, unless it is told the image", () => {
    expect(() => parseConfig(valid, "mx-central-1")).toThrow(/image is not known: set daybreak:modelImage/);
    const modelImage = "123456789012.dkr.ecr.mx-central-1.amazonaws.com/xgboost:1";
    expect(parseConfig({ ...valid, modelImage }, "mx-central-1").modelImage).toBe(modelImage);
  });

  it.each(["", "cn-north-1", "us-gov-west-1"])("refuses the region %p", (region) => {
    expect(() => parseConfig(valid, region)).toThrow(/aws:region is .*commercial AWS region/);
  });
});

describe("loadConfig", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("reads Pulumi's texts, the pipelines and the commit", () => {
    pulumi.runtime.setAllConfig({
      "aws:region": "us-east-1",
      "daybreak:environment": "dev",
      "daybreak:pipelines": '["cdnow"]',
      "daybreak:protectData": "false",
      "daybreak:streamShards": "1",
      "daybreak:gitCommit": "1234567",
    });
    const config = loadConfig();
    expect(config).toMatchObject({
      environment: "dev",
      protectData: false,
      streamShards: 1,
      git: { commit: "1234567", dirty: false },
    });
    expect(config.pipelineSpecs.map((spec) => spec.name)).toEqual(["cdnow"]);
  });

  it("takes the commit from the repository when it is not told", () => {
    pulumi.runtime.setAllConfig({
      "aws:region": "us-east-1",
      "daybreak:environment": "dev",
      "daybreak:pipelines": '["cdnow"]',
    });
    expect(loadConfig().git.commit).toMatch(/^([0-9a-f]{40}|unknown)$/);
  });

  it("says which pipelines there are when one is not", () => {
    pulumi.runtime.setAllConfig({
      "aws:region": "us-east-1",
      "daybreak:environment": "dev",
      "daybreak:pipelines": '["cdnov"]',
    });
    expect(() => loadConfig()).toThrow(/cdnow/);
  });
});
