/** IAM statements for S3 objects and the KMS keys that encrypt them. Datasets have their own: see lake/dataset.ts. */
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./statements";

function below(bucketArn: pulumi.Input<string>, prefixes: readonly string[]): pulumi.Output<string>[] {
  return prefixes.map((prefix) => pulumi.interpolate`${bucketArn}/${prefix}`);
}

/**
 * Permission to read objects.
 *
 * @param what suffix of the statement's Sid: `Code` gives `ReadCode`
 * @param prefixes key patterns such as `model/*`
 */
export function readObjects(what: string, bucketArn: pulumi.Input<string>, prefixes: readonly string[]): Statement {
  return { sid: `Read${what}`, actions: ["s3:GetObject"], resources: below(bucketArn, prefixes) };
}

/**
 * Permission to list folders such as `model/`. Without it, S3 answers 403 instead of 404 for a missing object.
 */
export function listFolders(what: string, bucketArn: pulumi.Input<string>, folders: readonly string[]): Statement {
  const prefixes = folders.flatMap((folder) => [folder.replace(/\/$/, ""), `${folder.replace(/\/$/, "")}/*`]);
  return {
    sid: `List${what}`,
    actions: ["s3:ListBucket"],
    resources: [bucketArn],
    conditions: { StringLike: { "s3:prefix": prefixes } },
  };
}

/** Permission to decrypt with a key. */
export function decrypt(what: string, keyArn: pulumi.Input<string>): Statement {
  return { sid: `Decrypt${what}`, actions: ["kms:Decrypt"], resources: [keyArn] };
}

/** Permission to decrypt and encrypt with a key. */
export function useKey(what: string, keyArn: pulumi.Input<string>): Statement {
  return { sid: `Use${what}Key`, actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] };
}

/** Permission to create grants for AWS resources, such as the volumes and feature stores that SageMaker creates. */
export function grantKey(what: string, keyArn: pulumi.Input<string>): Statement[] {
  return [
    {
      sid: `Grant${what}Key`,
      actions: ["kms:CreateGrant"],
      resources: [keyArn],
      conditions: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
    { sid: `Describe${what}Key`, actions: ["kms:DescribeKey"], resources: [keyArn] },
  ];
}
