/** What an environment lets another one read, and what the other may do with it. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { placeOf } from "../../infra/promotion/settings";
import { list, type PolicyStatement, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

const specs = [makeSpec(), makeSpec("mail")];
const account = "123456789012";
const people = { operators: [`arn:aws:iam::${account}:root`], dataScientists: [`arn:aws:iam::${account}:root`] };
const environment = (name: string, promotion: object) =>
  runStack(makeConfig(specs, { environment: name, promotion, people }));
const statementsOf = (stack: Recording, type: string, input: string, which: Record<string, unknown>) =>
  Recording.document<{ Statement: PolicyStatement[] }>(stack.one(type, which), input).Statement.filter(({ Sid }) =>
    Sid.startsWith("Promote"),
  );
const keyDescription = "Daybreak: encrypts the lake, code, event streams, feature stores, job volumes and logs";
const bucketPolicy = (stack: Recording, bucket: string) =>
  statementsOf(stack, "aws:s3/bucketPolicy:BucketPolicy", "policy", { bucket });
const keyPolicy = (stack: Recording) =>
  statementsOf(stack, "aws:kms/key:Key", "policy", { description: keyDescription });
const groupPolicy = (stack: Recording, group: string) =>
  statementsOf(stack, "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy", "resourcePolicy", {
    modelPackageGroupName: group,
  });

/** The statements for the first taker, and for the second. */
const first = (found: readonly PolicyStatement[]) => found.filter(({ Sid }) => Sid.startsWith("PromoteTo1"));
const second = (found: readonly PolicyStatement[]) => found.filter(({ Sid }) => Sid.startsWith("PromoteTo2"));

const other = "444455556666";
const role = (in_: string, pipeline: string) => `arn:aws:iam::${in_}:role/daybreak-prod-${pipeline}-registry-promote`;

let source: Recording;
let target: Recording;

beforeAll(async () => {
  const to = [{ environment: "prod", account: Number(other) }, { environment: "prod" }];
  source = await environment("staging", { to });
  target = await environment("prod", { from: { environment: "staging" } });
});

describe("an environment whose versions go to another account", () => {
  const lake = `daybreak-staging-lake-${account}`;
  const code = `daybreak-staging-code-${account}`;
  const onlyShop = { ArnEquals: { "aws:PrincipalArn": [role(other, "shop")] } };

  it("lets one role of it describe and list the versions of the same pipeline", () => {
    expect(first(groupPolicy(source, "daybreak-staging-shop"))).toEqual([
      {
        ...{ Sid: "PromoteTo1", Effect: "Allow", Principal: { AWS: `arn:aws:iam::${other}:root` } },
        Action: ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
        Resource: [
          `arn:aws:sagemaker:us-east-1:${account}:model-package-group/daybreak-staging-shop`,
          `arn:aws:sagemaker:us-east-1:${account}:model-package/daybreak-staging-shop/*`,
        ],
        Condition: onlyShop,
      },
    ]);
  });

  it("lets that role read the objects of a version, and none with events, features or scores", () => {
    const [shop, mail, ...more] = first(bucketPolicy(source, lake));
    expect(more).toEqual([]);
    expect(shop).toEqual({
      ...{ Sid: "PromoteTo1Pipeline1", Effect: "Allow", Principal: { AWS: `arn:aws:iam::${other}:root` } },
      Action: "s3:GetObject",
      Resource: [
        `arn:aws:s3:::${lake}/models/shop/*`,
        ...["evaluation/*", "plan.json", "train-dataset.json", "pipeline.json", "promotion.json"].map(
          (file) => `arn:aws:s3:::${lake}/reports/shop/runs/*/${file}`,
        ),
      ],
      Condition: onlyShop,
    });
    expect(mail?.Condition).toEqual({ ArnEquals: { "aws:PrincipalArn": [role(other, "mail")] } });
    expect(first(bucketPolicy(source, code)).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      ["s3:GetObject", `arn:aws:s3:::${code}/pipelines/shop/*`],
      ["s3:GetObject", `arn:aws:s3:::${code}/pipelines/mail/*`],
    ]);
  });

  it("lets those roles decrypt, through S3 and these buckets' objects only", () => {
    expect(first(keyPolicy(source))).toEqual([
      {
        ...{ Sid: "PromoteTo1", Effect: "Allow", Principal: { AWS: `arn:aws:iam::${other}:root` } },
        ...{ Action: "kms:Decrypt", Resource: "*" },
        Condition: {
          ArnEquals: { "aws:PrincipalArn": [role(other, "shop"), role(other, "mail")] },
          StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" },
          StringLike: {
            "kms:EncryptionContext:aws:s3:arn": [lake, code].flatMap((bucket) => [
              `arn:aws:s3:::${bucket}`,
              `arn:aws:s3:::${bucket}/*`,
            ]),
          },
        },
      },
    ]);
  });

  it("takes no versions itself, nor do its people promote any", () => {
    const functions = source.all("aws:lambda/function:Function").map(({ inputs }) => String(inputs.name));
    expect(functions.filter((name) => name.endsWith("-registry-promote"))).toEqual([]);
    const sids = source.policyOf("daybreak-staging-operator").map(({ Sid }) => Sid);
    expect(sids.filter((sid) => sid.includes("Promote"))).toEqual([]);
  });
});

it("an environment that nobody takes versions of has no such policies", () => {
  expect(target.all("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy")).toEqual([]);
  expect([...bucketPolicy(target, `daybreak-prod-lake-${account}`), ...keyPolicy(target)]).toEqual([]);
});

it("an environment cannot name itself, in its own account", () => {
  const place = { environment: "prod", region: "us-east-1", accountId: account };
  expect(() => placeOf(place, { environment: "prod", account })).toThrow("daybreak:promotion names prod itself");
  expect(placeOf(place, { environment: "prod", account: other })).toEqual({ ...place, accountId: other });
});

describe("an environment that takes versions", () => {
  let statements: PolicyStatement[];

  beforeAll(() => {
    statements = target.policyOf("daybreak-prod-shop-registry-promote");
  });

  const resources = (found: readonly PolicyStatement[], action: string) =>
    found.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));

  it("may read there what the policies there allow, by the role that they name", () => {
    const lake = bucketPolicy(source, `daybreak-staging-lake-${account}`);
    const code = bucketPolicy(source, `daybreak-staging-code-${account}`);
    const allowed = [...lake, ...code].filter(({ Sid }) => Sid === "PromoteTo2Pipeline1");
    const { Resource: read } = statements.find(({ Sid }) => Sid === "ReadSource") ?? {};
    expect(read).toEqual(allowed.flatMap(({ Resource }) => list(Resource)));
    for (const { Condition } of [...allowed, ...second(groupPolicy(source, "daybreak-staging-shop"))]) {
      expect(Condition).toEqual({ ArnEquals: { "aws:PrincipalArn": [role(account, "shop")] } });
    }
    const { Resource, Condition } = statements.find(({ Sid }) => Sid === "DecryptSource") ?? {};
    expect(Resource).toBe(`arn:aws:kms:us-east-1:${account}:key/*`);
    expect(second(keyPolicy(source))[0]?.Condition).toMatchObject(Condition ?? {});
    target.one("aws:iam/role:Role", { name: "daybreak-prod-shop-registry-promote" });
  });

  it("writes promoted versions only, registers them, and approves none", () => {
    const lake = `arn:aws:s3:::daybreak-prod-lake-${account}`;
    expect(resources(statements, "s3:PutObject")).toEqual([
      `${lake}/models/shop/promoted/*`,
      `${lake}/reports/shop/runs/promoted/*`,
    ]);
    expect(resources(statements, "sagemaker:CreateModelPackage")).toEqual([
      `arn:aws:sagemaker:us-east-1:${account}:model-package-group/daybreak-prod-shop`,
      `arn:aws:sagemaker:us-east-1:${account}:model-package/daybreak-prod-shop/*`,
    ]);
    const actions = statements
      .flatMap(({ Action }) => list(Action))
      .filter((action) => /^(sagemaker|iam|states):/.test(action));
    expect(new Set(actions)).toEqual(
      new Set(
        [
          "AddTags",
          "CreateModelPackage",
          "DescribeEndpoint",
          "DescribeEndpointConfig",
          "DescribeModel",
          "DescribeModelPackage",
          "ListModelPackages",
        ].map((name) => `sagemaker:${name}`),
      ),
    );
  });

  it("knows its own pipeline's versions there and the reviewers here", () => {
    const { environment: found } = target.one("aws:lambda/function:Function", {
      name: "daybreak-prod-shop-registry-promote",
    }).inputs as { environment: { variables: Record<string, string> } };
    expect(found.variables).toMatchObject({
      SOURCE_ENVIRONMENT: "staging",
      SOURCE_GROUP_ARN: `arn:aws:sagemaker:us-east-1:${account}:model-package-group/daybreak-staging-shop`,
      MODELS_URI: `s3://daybreak-prod-lake-${account}/models/shop`,
    });
  });

  it("lets operators ask for a version by the URL that says who asks, and no data scientist", () => {
    const urls = target.all("aws:lambda/functionUrl:FunctionUrl").filter(({ name }) => name.endsWith("promote-url"));
    expect(urls.map(({ inputs }) => inputs.authorizationType)).toEqual(["AWS_IAM", "AWS_IAM"]);
    const promotes = (name: string) =>
      target
        .policyOf(name)
        .flatMap(({ Action, Resource }) => (JSON.stringify(Resource).includes("registry-promote") ? list(Action) : []));
    expect(promotes("daybreak-prod-operator")).toEqual([
      ...["lambda:InvokeFunctionUrl", "lambda:InvokeFunction", "lambda:GetFunctionUrlConfig"],
    ]);
    const others = target.all("aws:iam/role:Role").map(({ inputs }) => String(inputs.name));
    const may = others.filter((name) => promotes(name).some((action) => action.startsWith("lambda:")));
    expect(may).toEqual(["daybreak-prod-operator"]);
  });
});
