/**
 * The checks of an account, with the answers in answers.json. test/python/cli/test_doctor_answers.py holds these, and the commands
 * in the reports, to botocore's models.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetOpenIDConnectProviderCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { DescribeLimitsCommand, KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { GetDataLakeSettingsCommand, LakeFormationClient } from "@aws-sdk/client-lakeformation";
import {
  ListAWSDefaultServiceQuotasCommand,
  ListServiceQuotasCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { describeExamination } from "../../../../cli/doctor/describe";
import { checkNeeds, type Examination } from "../../../../cli/doctor/examine";
import type { Finding } from "../../../../cli/doctor/finding";
import type { Needs, QuotaNeed } from "../../../../cli/doctor/needs";
import { checkPulumiState } from "../../../../cli/doctor/pulumi-state";
import { checkCaller } from "../../../../cli/doctor/region";

interface Answer {
  service: string;
  operation: string;
  input: unknown;
  output?: object;
  error?: string;
}

const answers: Record<"fresh" | "ready", Answer[]> = JSON.parse(readFileSync(join(__dirname, "answers.json"), "utf8"));

const mocks = [SSMClient, ServiceQuotasClient, KinesisClient, IAMClient, LakeFormationClient, STSClient].map((client) =>
  mockClient(client as typeof STSClient),
);
const [ssm, quotas, kinesis, iam, lakeFormation, sts] = mocks;
const region = "eu-central-1";
const failure = (name: string) => Object.assign(new Error("not for you"), { name, $metadata: {} });

/** Answers each request as the account would, and no other request. */
function account(given: readonly Answer[]): void {
  const commands = [
    [ssm, GetParametersCommand],
    [quotas, ListServiceQuotasCommand],
    [quotas, ListAWSDefaultServiceQuotasCommand],
    [kinesis, DescribeLimitsCommand],
    [kinesis, ListStreamsCommand],
    [iam, GetRoleCommand],
    [iam, GetOpenIDConnectProviderCommand],
    [lakeFormation, GetDataLakeSettingsCommand],
    [sts, GetCallerIdentityCommand],
  ] as const;
  for (const [mock, command] of commands) {
    mock?.on(command as typeof GetCallerIdentityCommand).callsFake((input: unknown) => {
      const asked = JSON.stringify(input);
      const { output, error } =
        given.find((one) => `${one.operation}Command` === command.name && JSON.stringify(one.input) === asked) ?? {};
      if (error !== undefined) throw failure(error);
      if (output === undefined) throw new Error(`${command.name} ${asked} has no answer`);
      return output;
    });
  }
}

const quota = (service: QuotaNeed["service"], name: string, needed: number, otherwise: QuotaNeed["otherwise"]) => ({
  ...{ service, quota: name, needed, otherwise },
  why: "of daybreak-dev-shop",
});
const needs: Needs = {
  quotas: [
    quota("sagemaker", "ml.m5.large for endpoint usage", 8, "fails"),
    quota("sagemaker", "Number of instances across active endpoints", 8, "fails"),
    quota("sagemaker", "ml.m5.large for training job usage", 2, "fails"),
    quota("sagemaker", "ml.m5.large for spot training job usage", 1, "fails"),
    quota("sagemaker", "ml.m5.large for processing job usage", 2, "fails"),
    quota("lambda", "Concurrent executions", 23, "notice"),
  ],
  linkedRoles: [
    {
      name: "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
      service: "sagemaker.application-autoscaling.amazonaws.com",
      madeBy: "when the first endpoint begins to scale",
    },
  ],
  streams: [
    { name: "daybreak-dev-shop", shards: 2 },
    { name: "daybreak-dev-fleet", shards: undefined },
  ],
  services: [
    ...["cloudwatch", "events", "firehose", "glue", "kinesis", "kms", "lambda", "logs", "s3", "sagemaker"],
    ...["sagemaker-featurestore-runtime", "stepfunctions"],
  ],
  identityProvider: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
};

const examination = (checks: Finding[]): Examination => ({
  ...{ environment: "dev", account: "123456789012", region, checks },
  ready: !checks.some(({ state }) => state === "fails"),
});
const states = (checks: readonly Finding[]) => checks.map(({ state }) => state);
const of = (checks: readonly Finding[], text: string) => checks.filter(({ found }) => found.includes(text));

beforeEach(() => {
  for (const mock of mocks) mock.reset();
  account(answers.fresh);
});
afterAll(() => {
  for (const mock of mocks) mock.restore();
});

/** The report is kept beside this file, where a test in Python reads its commands. `UPDATE=1` writes it. */
function expectReport(name: string, text: string): void {
  const file = join(__dirname, name);
  if (process.env.UPDATE === "1") writeFileSync(file, `${text}\n`);
  expect(`${text}\n`).toBe(readFileSync(file, "utf8"));
}

const caller = (chosen = region) => checkCaller(new STSClient({ region }), { environment: "dev", region, chosen });

describe("a fresh account", () => {
  test("fails, and its report says of each problem what to do", async () => {
    const checks = [...(await caller("us-east-1")), ...(await checkNeeds(needs, region))];
    const found = examination(checks);
    expect(found.ready).toBe(false);
    expectReport("fresh.txt", describeExamination(found));
  });

  test("has an endpoint quota of 0, by default, and none of spot instances that AWS lists", async () => {
    const checks = await checkNeeds(needs, region);
    expect(of(checks, "ml.m5.large for endpoint usage")).toEqual([
      expect.objectContaining({
        state: "fails",
        found: expect.stringContaining("0 of the 8 needed"),
        commands: [expect.stringContaining("--quota-code L-2A2B3C4D --desired-value 8 --region eu-central-1")],
      }),
    ]);
    expect(states(of(checks, "across active endpoints"))).toEqual(["fails"]);
    expect(states(of(checks, "training job usage"))).toEqual(["ok", "not checked"]);
    // AWS does not raise it, so that no command is of use.
    expect(of(checks, "processing job")).toEqual([expect.not.objectContaining({ commands: expect.anything() })]);
  });

  test("runs 10 Lambdas at a time, which is enough to deploy; the usual number is asked for", async () => {
    expect(of(await checkNeeds(needs, region), "Concurrent executions")).toEqual([
      expect.objectContaining({
        state: "notice",
        commands: [expect.stringContaining("--quota-code L-B99A9384 --desired-value 1000")],
      }),
    ]);
  });

  test("has no room for the streams that do not exist yet", async () => {
    expect(states(of(await checkNeeds(needs, region), "shards: 49 of 50 used, 2 to be added"))).toEqual(["fails"]);
    expect(states(of(await checkNeeds(needs, region), "on-demand streams: 0 of 50 used, 1 to"))).toEqual(["ok"]);
    const deployed = { ...needs, streams: [{ name: "orders", shards: 2 }] };
    expect(states(of(await checkNeeds(deployed, region), "shards: 49 of 50 used, 0 to be added"))).toEqual(["ok"]);
  });

  test("that Lake Formation governs keeps its other settings in the command that turns IAM on", async () => {
    const [found] = of(await checkNeeds(needs, region), "Lake Formation");
    expect(found).toMatchObject({ state: "fails", found: expect.stringContaining("new databases and tables") });
    const [, json = ""] = /--data-lake-settings '(.*)' --region/.exec(found?.commands?.[0] ?? "") ?? [];
    const all = [{ Principal: { DataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" }, Permissions: ["ALL"] }];
    expect(JSON.parse(json)).toMatchObject({
      DataLakeAdmins: [{ DataLakePrincipalIdentifier: "arn:aws:iam::123456789012:role/lake-admin" }],
      Parameters: { CROSS_ACCOUNT_VERSION: "4" },
      CreateDatabaseDefaultPermissions: all,
      CreateTableDefaultPermissions: all,
    });
  });
});

test("an account that has all of it is ready", async () => {
  account(answers.ready);
  const checks = [...(await caller()), ...(await checkNeeds(needs, region))];
  expect(checks.filter(({ state }) => state !== "ok")).toEqual([]);
  expect(describeExamination(examination(checks))).toContain("Nothing that was checked stops a first deployment.");
});

test("without permissions nothing is known, nothing is ok, and each check names what it needs", async () => {
  for (const mock of mocks) mock.onAnyCommand().rejects(failure("AccessDeniedException"));
  const checks = await checkNeeds(needs, region);
  expect(new Set(states(checks))).toEqual(new Set(["not checked"]));
  expect(checks.map(({ found }) => found)).toEqual([
    "your credentials lack ssm:GetParameters in us-east-1",
    "your credentials lack servicequotas:ListServiceQuotas, servicequotas:ListAWSDefaultServiceQuotas",
    "your credentials lack servicequotas:ListServiceQuotas, servicequotas:ListAWSDefaultServiceQuotas",
    "your credentials lack kinesis:DescribeLimits, kinesis:ListStreams",
    "your credentials lack iam:GetRole",
    "your credentials lack lakeformation:GetDataLakeSettings",
    "your credentials lack iam:GetOpenIDConnectProvider",
  ]);
  expect(describeExamination(examination(checks))).toMatch(/^\? SageMaker quota +not checked: [\s\S]*known: 7 checks/m);
});

test("another error of AWS is told; one of the program is none of the account", async () => {
  lakeFormation?.onAnyCommand().rejects(failure("InternalServiceException"));
  expect(of(await checkNeeds(needs, region), "InternalServiceException: not for you")).toMatchObject([
    { check: "Lake Formation", state: "not checked" },
  ]);
  lakeFormation?.onAnyCommand().rejects(new TypeError("a mistake"));
  await expect(checkNeeds(needs, region)).rejects.toThrow("a mistake");
});

test("a region that the account has not enabled, and credentials that are wrong", async () => {
  sts?.on(GetCallerIdentityCommand).rejects(failure("InvalidClientTokenId"));
  expect(await caller("us-east-1")).toMatchObject([
    { state: "fails", commands: ["aws account enable-region --region-name eu-central-1"] },
  ]);
  sts?.on(GetCallerIdentityCommand).rejects(failure("ExpiredToken"));
  await expect(caller("us-east-1")).rejects.toThrow("not for you");
});

describe("Pulumi's state", () => {
  const answer = (url: string) => ({ status: 0, stdout: JSON.stringify({ user: "me", url }) });
  const check = (given: Parameters<typeof checkPulumiState>[0], encryption?: string, variables = {}) =>
    checkPulumiState(given, { environment: "dev", region }, encryption, variables);

  test("in a bucket wants a passphrase or a key, which Pulumi Cloud does not", () => {
    expect(check(answer("s3://state"))).toMatchObject({
      state: "notice",
      commands: ["pulumi stack init dev --secrets-provider 'awskms://alias/daybreak-dev-state?region=eu-central-1'"],
    });
    expect(check(answer("s3://state"), "awskms://alias/daybreak-dev-state").state).toBe("ok");
    expect(check(answer("s3://state"), undefined, { PULUMI_CONFIG_PASSPHRASE: "" }).state).toBe("ok");
    expect(check(answer("https://app.pulumi.com/me")).state).toBe("ok");
  });

  test("is unknown without a login, and without the Pulumi CLI", () => {
    expect(check({ status: 255, stdout: "" })).toMatchObject({
      state: "fails",
      remedy: expect.stringContaining("pulumi login"),
    });
    expect(check(undefined).state).toBe("not checked");
  });
});
