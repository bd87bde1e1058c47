import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { ConfigurationError, loadConfig, parseConfig } from "../../infra/config";
import { policyVariable } from "../../infra/iam/statements";
import { root } from "./support/root";

const valid = { environment: "dev" };

describe("parseConfig", () => {
  it("fills in defaults that are safe for production", () => {
    expect(parseConfig(valid, "eu-west-1")).toEqual({
      environment: "dev",
      region: "eu-west-1",
      retention: {
        captureDays: 90,
        trainingSetDays: 365,
        quarantineDays: 90,
        snapshotDays: 365,
        modelVersionDays: 365,
      },
      people: {
        ...{
          dataScientists: [],
          reviewers: [],
          operators: [],
          auditors: [],
          eventProducers: [],
          predictionClients: [],
        },
        sessionName: policyVariable("aws:username"),
      },
      promotion: { to: [] },
      modelImage: "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5",
      pipelinesFolder: "pipelines",
      alertEmails: [],
      logRetentionDays: 90,
      network: "public",
      protectData: true,
      streamRetentionHours: 72,
      minimumInstances: 1,
      schedulesEnabled: true,
      firehoseBufferSeconds: 300,
      firehoseBufferMegabytes: 64,
      glueWorkers: 2,
      deploymentPollSeconds: 30,
      serving: { trigger: "event" },
    });
  });

  const mistakes: [string, Record<string, unknown>, RegExp][] = [
    ["a missing environment", {}, /daybreak:environment is missing/],
    ["an invalid environment name", { environment: "Production" }, /environment is "Production": must be 2 to 7/],
    [
      "a target of promotions that is named twice",
      { ...valid, promotion: { to: [{ environment: "prod" }, { environment: "prod" }] } },
      /daybreak:promotion\.to is .*: must not name an environment twice/,
    ],
    [
      "an unknown key of the promotion",
      { ...valid, promotion: { form: { environment: "prod" } } },
      /daybreak:promotion\.form is not a valid key\. Valid keys: to, from\./,
    ],
    ["an environment name that is too long", { environment: "preproduction" }, /is "preproduction": must be 2 to 7/],
    [
      "an unknown key",
      { ...valid, logRetention: 7 },
      /daybreak:logRetention is not a valid key\. Valid keys: environment, /,
    ],
    ["a value of the wrong type", { ...valid, protectData: "yes" }, /daybreak:protectData is "yes": .*boolean/],
    [
      "a retention period that CloudWatch Logs does not support",
      { ...valid, logRetentionDays: 10 },
      /is 10: must be one of 1, 3, 5, 7/,
    ],
    ["a pipeline named twice", { ...valid, pipelines: ["a1", "a1"] }, /pipelines is \["a1","a1"\]: must not name/],
    ["an empty list of pipelines", { ...valid, pipelines: [] }, /daybreak:pipelines is \[\]/],
    ["an invalid e-mail address", { ...valid, alertEmails: ["me"] }, /daybreak:alertEmails\.0 is "me": .*email/],
    ["a buffering interval above Firehose's maximum", { ...valid, firehoseBufferSeconds: 901 }, /is 901: .*900/],
    ["an unknown trigger", { ...valid, serving: { trigger: "gitlab" } }, /serving\.trigger is "gitlab": .*github/],
    [
      "deployments by an unnamed repository",
      { ...valid, serving: { trigger: "github" } },
      /daybreak:github\.repository is missing: daybreak:serving\.trigger is "github"/,
    ],
    ["a repository without its owner", { ...valid, github: { repository: "shop" } }, /is "shop": must be <owner>/],
    [
      "a subject that more than one repository has",
      { ...valid, github: { repository: "acme/shop", oidcSubject: "repo:acme/*" } },
      /oidcSubject is "repo:acme\/\*": must be the start of a subject/,
    ],
    [
      "a token sent in plain text",
      { ...valid, github: { repository: "acme/shop", apiUrl: "http://github.example" } },
      /apiUrl is "http:.*": must be an https address/,
    ],
    [
      "an unknown key of a setting",
      { ...valid, github: { repository: "acme/shop", token: "1" } },
      /daybreak:github\.token is not a valid key\. Valid keys: repository, oidcSubject, apiUrl\./,
    ],
    ["a stream that forgets too soon", { ...valid, streamRetentionHours: 12 }, /streamRetentionHours is 12: .*24/],
    ["an endpoint without an instance", { ...valid, minimumInstances: 0 }, /minimumInstances is 0: .*1/],
    ["access logs that are kept for no day", { ...valid, accessLogDays: 0 }, /accessLogDays is 0: .*1/],
    [
      "a principal that is everyone",
      { ...valid, people: { reviewers: ["*"] } },
      /people\.reviewers\.0 is "\*": must be the ARN of an IAM user, role or account root/,
    ],
    ["an unknown role for people", { ...valid, people: { approvers: [] } }, /people\.approvers is not .* reviewers, /],
    ["an image outside ECR", { ...valid, modelImage: "xgboost:3" }, /modelImage is "xgboost:3": must be <account>/],
  ];
  it.each(mistakes)("rejects %s", (_what, raw, message) => {
    expect(() => parseConfig(raw, "us-east-1")).toThrow(message);
  });

  it("reports all mistakes at once", () => {
    const parse = () => parseConfig({ environment: "X", glueWorkers: 0, typo: 1 }, "moon-1");
    expect(parse).toThrow(ConfigurationError);
    try {
      parse();
    } catch (error) {
      expect((error as ConfigurationError).mistakes).toHaveLength(4);
    }
  });

  it("reads how long data are kept, and names what is wrong there", () => {
    expect(parseConfig({ ...valid, retention: { captureDays: 30 } }, "eu-west-1").retention).toMatchObject({
      captureDays: 30,
      quarantineDays: 90,
    });
    const parse = () => parseConfig({ ...valid, retention: { captureDays: 1, rawDays: 5 } }, "eu-west-1");
    expect(parse).toThrow(/daybreak:retention\.captureDays is 1: /);
    expect(parse).toThrow(/daybreak:retention\.rawDays is not a valid key\. Valid keys: captureDays, trainingSetDays/);
  });

  it("requires modelImage in a region without a known XGBoost image", () => {
    expect(() => parseConfig(valid, "mx-central-1")).toThrow(/image is unknown: set daybreak:modelImage/);
    const modelImage = "123456789012.dkr.ecr.mx-central-1.amazonaws.com/xgboost:1";
    expect(parseConfig({ ...valid, modelImage }, "mx-central-1").modelImage).toBe(modelImage);
  });

  it.each(["", "cn-north-1", "us-gov-west-1"])("rejects the region %p", (region) => {
    expect(() => parseConfig(valid, region)).toThrow(/aws:region is .*commercial AWS region/);
  });
});

describe("loadConfig", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("decodes Pulumi's string values and loads the pipelines", () => {
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

  it("reports a pipeline that approves its own models where duties are separate", () => {
    const folder = mkdtempSync(join(tmpdir(), "daybreak-config-"));
    const name = join(folder, "cdnow", "pipeline.yaml");
    cpSync(join(root, "pipelines", "cdnow"), join(folder, "cdnow"), { recursive: true });
    const written = readFileSync(name, "utf8").replace(/^approval:[^\n]*\n( .*\n)*/m, "");
    writeFileSync(name, `${written}\napproval:\n  mode: automatic\n`);
    pulumi.runtime.setAllConfig({
      "aws:region": "us-east-1",
      "daybreak:environment": "prod",
      "daybreak:pipelinesFolder": folder,
    });
    expect(() => loadConfig()).toThrow(/separateDuties is on, and approval\.mode of cdnow automatic: choose manual/);
    rmSync(folder, { recursive: true });
  });

  it("reports an endpoint that may not grow to the environment's least number of instances", () => {
    pulumi.runtime.setAllConfig({
      "aws:region": "us-east-1",
      "daybreak:environment": "prod",
      "daybreak:pipelines": '["cdnow"]',
      "daybreak:minimumInstances": "5",
    });
    expect(() => loadConfig()).toThrow(
      /autoscaling\.max_instances of cdnow is 4: must be at least daybreak:minimumInstances, 5/,
    );
  });

  it("reads the commit from git if gitCommit is not set", () => {
    pulumi.runtime.setAllConfig({
      "aws:region": "us-east-1",
      "daybreak:environment": "dev",
      "daybreak:pipelines": '["cdnow"]',
    });
    expect(loadConfig().git.commit).toMatch(/^([0-9a-f]{40}|unknown)$/);
  });

  it("lists the existing pipelines if one does not exist", () => {
    pulumi.runtime.setAllConfig({
      "aws:region": "us-east-1",
      "daybreak:environment": "dev",
      "daybreak:pipelines": '["cdnov"]',
    });
    expect(() => loadConfig()).toThrow(/cdnow/);
  });
});
