/**
 * What an environment lets another one read, so that it can take approved model versions: the policies of the package groups, the
 * buckets and the key. In the same account, the other's role could read by its own policy alone; with these, an account is no matter.
 */
import type * as pulumi from "@pulumi/pulumi";
import { interpolate } from "@pulumi/pulumi";
import { specFolder } from "../components/job-runtime";
import type { ResourceStatement } from "../iam/statements";
import { pipelineFolder, runReportsFolder } from "../lake/folders";
import { environmentNames, type Place, pipelineNames } from "../names";
import { type Neighbour, placeOf } from "./settings";

/** Patterns of a version's objects in the lake: its models, and of its run what a reviewer reads, and how it came there. */
const versionKeys = (pipeline: string): string[] => [
  `${pipelineFolder(pipeline, "models")}/*`,
  ...["evaluation/*", "plan.json", "train-dataset.json", "pipeline.json", "promotion.json"].map(
    (file) => `${runReportsFolder(pipeline)}/*/${file}`,
  ),
];

/** Key patterns of a pipeline's version in each bucket of an environment. */
export function versionObjects(place: Place, pipeline: string): { bucket: string; keys: string[] }[] {
  const { lakeBucket, codeBucket } = environmentNames(place);
  return [
    { bucket: lakeBucket, keys: versionKeys(pipeline) },
    { bucket: codeBucket, keys: [`${specFolder(pipeline)}/*`] },
  ];
}

/** Conditions of a decryption of an environment's objects: S3 passes their ARN, or with bucket keys the bucket's. */
export function throughS3(place: Place) {
  const { lakeBucket, codeBucket } = environmentNames(place);
  const buckets = [lakeBucket, codeBucket].map((name) => `arn:aws:s3:::${name}`);
  return {
    StringEquals: { "kms:ViaService": `s3.${place.region}.amazonaws.com` },
    StringLike: { "kms:EncryptionContext:aws:s3:arn": buckets.flatMap((arn) => [arn, `${arn}/*`]) },
  };
}

/** An environment that gives versions, those that take them, and the pipelines. */
export interface Giving {
  place: Place;
  to: readonly Neighbour[];
  pipelines: readonly string[];
}

const roleArn = (taker: Place, pipeline: string): string =>
  `arn:aws:iam::${taker.accountId}:role/${pipelineNames(taker, pipeline).registryPromote}`;

/**
 * The takers' roles as a principal. AWS refuses a policy whose principal is a role that does not exist, and replaces it by its ID,
 * which another role of the same name does not have; so the principal is the account, and a condition names the roles.
 */
const only = (taker: Place, pipelines: readonly string[]) => ({
  ...{ effect: "Allow" as const, principal: { account: taker.accountId } },
  conditions: { ArnEquals: { "aws:PrincipalArn": pipelines.map((pipeline) => roleArn(taker, pipeline)) } },
});

/** A statement for each taker. */
const forEach = ({ place, to }: Giving, statement: (taker: Place, index: number) => ResourceStatement[]) =>
  to.flatMap((one, index) => statement(placeOf(place, one), index + 1));

/** Statements of a bucket's policy. */
export function bucketGrants(giving: Giving, bucketName: string, bucketArn: pulumi.Input<string>): ResourceStatement[] {
  return forEach(giving, (taker, number) =>
    giving.pipelines.flatMap((pipeline, index) =>
      versionObjects(giving.place, pipeline)
        .filter(({ bucket }) => bucket === bucketName)
        .map(({ keys }) => ({
          sid: `PromoteTo${number}Pipeline${index + 1}`,
          actions: ["s3:GetObject"],
          resources: keys.map((key) => interpolate`${bucketArn}/${key}`),
          ...only(taker, [pipeline]),
        })),
    ),
  );
}

/** Statements of the policy of the data key. */
export function keyGrants(giving: Giving): ResourceStatement[] {
  return forEach(giving, (taker, number) => {
    const { conditions, ...principal } = only(taker, giving.pipelines);
    return [
      {
        sid: `PromoteTo${number}`,
        actions: ["kms:Decrypt"],
        resources: ["*"],
        ...principal,
        conditions: { ...conditions, ...throughS3(giving.place) },
      },
    ];
  });
}

/**
 * Statements of the policy of a pipeline's package group
 * (docs.aws.amazon.com/sagemaker/latest/dg/model-registry-ram-discover.html shows the actions with these resources).
 */
export function groupGrants(giving: Giving, pipeline: string, groupArn: pulumi.Input<string>): ResourceStatement[] {
  return forEach(giving, (taker, number) => [
    {
      sid: `PromoteTo${number}`,
      actions: ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
      resources: [groupArn, pipelineNames(giving.place, pipeline).made.modelPackages],
      ...only(taker, [pipeline]),
    },
  ]);
}
