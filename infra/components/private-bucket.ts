import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ResourceStatement, resourcePolicyDocument, tlsOnly } from "../iam/statements";
import { fixedDays } from "../lake/retention";
import type { BucketRef } from "../platform";

export interface PrivateBucketArgs {
  bucketName: string;
  /** The customer-managed key. Default: SSE-S3, for the bucket of access logs, into which S3 does not write with such a key. */
  keyArn?: pulumi.Input<string>;
  /** If true, Pulumi refuses to delete the bucket; if false, deleting it deletes its objects too. */
  protect: boolean;
  /** Lifecycle rules in addition to those for noncurrent versions and incomplete multipart uploads. */
  lifecycle: readonly aws.types.input.s3.BucketLifecycleConfigurationRule[];
  /** The bucket of access logs, if they are kept: the logs are below the name of the bucket that they are of. */
  accessLogs?: BucketRef | undefined;
  /** Statements of the bucket's policy in addition to the refusal of requests without TLS. */
  statements?: (bucketArn: pulumi.Output<string>) => readonly ResourceStatement[];
}

/** A versioned, KMS-encrypted bucket that blocks public access and rejects requests without TLS. */
export class PrivateBucket extends pulumi.ComponentResource {
  /** Resolves after encryption, versioning and the bucket policy are in place, so that dependents write only after that. */
  readonly ref: BucketRef;

  constructor(name: string, args: PrivateBucketArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:PrivateBucket", name, {}, options);
    const bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { bucket: args.bucketName, forceDestroy: !args.protect },
      { parent: this, protect: args.protect },
    );
    const inside = { parent: this };
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
      inside,
    );
    const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        bucket: bucket.id,
        rules: [
          args.keyArn === undefined
            ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
            : {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.keyArn },
                bucketKeyEnabled: true,
              },
        ],
      },
      inside,
    );
    const access = new aws.s3.BucketPublicAccessBlock(
      `${name}-access`,
      {
        bucket: bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      inside,
    );
    const policy = new aws.s3.BucketPolicy(
      `${name}-policy`,
      {
        bucket: bucket.id,
        policy: resourcePolicyDocument([
          tlsOnly("s3", ["s3:*"], [bucket.arn, pulumi.interpolate`${bucket.arn}/*`]),
          ...(args.statements?.(bucket.arn) ?? []),
        ]),
      },
      // S3 rejects concurrent changes to the policy and the public access block.
      { ...inside, dependsOn: [access] },
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket: bucket.id,
        rules: [
          {
            id: "end-of-old-versions",
            status: "Enabled",
            filter: { prefix: "" },
            noncurrentVersionExpiration: { noncurrentDays: fixedDays.noncurrent },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
          ...args.lifecycle,
        ],
      },
      // Rules for noncurrent versions require versioning.
      { ...inside, dependsOn: [versioning] },
    );
    if (args.accessLogs !== undefined) {
      new aws.s3.BucketLogging(
        `${name}-logging`,
        { bucket: bucket.id, targetBucket: args.accessLogs.id, targetPrefix: `${args.bucketName}/` },
        inside,
      );
    }
    const ready = pulumi.all([bucket.id, bucket.arn, encryption.id, policy.id, versioning.id]);
    this.ref = { name: args.bucketName, id: ready.apply(([id]) => id), arn: ready.apply(([, arn]) => arn) };
    this.registerOutputs({ arn: bucket.arn });
  }
}
