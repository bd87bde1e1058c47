/** What it takes to use the lake: objects below given prefixes, the key that encrypts them, the tables of a database. */
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./statements";

function below(bucketArn: pulumi.Input<string>, prefixes: readonly string[]): pulumi.Output<string>[] {
  return prefixes.map((prefix) => pulumi.interpolate`${bucketArn}/${prefix}`);
}

/**
 * Get objects below prefixes such as `raw/shop/*`.
 *
 * @param what names the statement: `ReadRaw`
 */
export function readObjects(what: string, bucketArn: pulumi.Input<string>, prefixes: readonly string[]): Statement {
  return { sid: `Read${what}`, actions: ["s3:GetObject"], resources: below(bucketArn, prefixes) };
}

/**
 * List a bucket below folders such as `raw/shop/`. Without the right to list, S3 answers 403 where an object is missing,
 * so whoever must tell "missing" from "forbidden" needs it too.
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

/** Read what a key encrypted. */
export function decrypt(what: string, keyArn: pulumi.Input<string>): Statement {
  return { sid: `Decrypt${what}`, actions: ["kms:Decrypt"], resources: [keyArn] };
}

/** Read and write what a key encrypts. */
export function useKey(what: string, keyArn: pulumi.Input<string>): Statement {
  return { sid: `Use${what}Key`, actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] };
}

/** Let SageMaker hand the key on to the volumes and stores that it makes, and to nothing but AWS services. */
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
