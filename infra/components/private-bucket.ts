import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourcePolicyDocument, tlsOnly } from "../iam/statements";
import type { BucketRef } from "../platform";

export interface PrivateBucketArgs {
  /** The physical name. */
  bucketName: string;
  keyArn: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete it; where not, it is deleted with all that is in it. */
  protect: boolean;
  /** What becomes of objects with time, beside the end of old versions and of uploads that were given up. */
  lifecycle: readonly aws.types.input.s3.BucketLifecycleConfigurationRule[];
}

/** A versioned, encrypted bucket that nothing public and nothing unencrypted reaches. */
export class PrivateBucket extends pulumi.ComponentResource {
  /** Known once the bucket is encrypted and its policy in force: what writes to it waits for that. */
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
          {
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
        policy: resourcePolicyDocument([tlsOnly("s3", ["s3:*"], [bucket.arn, pulumi.interpolate`${bucket.arn}/*`])]),
      },
      // Both change the bucket's policy status; S3 refuses them at the same time.
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
            noncurrentVersionExpiration: { noncurrentDays: 30 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
          ...args.lifecycle,
        ],
      },
      // Rules about old versions need versioning to be on.
      { ...inside, dependsOn: [versioning] },
    );
    const ready = pulumi.all([bucket.id, bucket.arn, encryption.id, policy.id, versioning.id]);
    this.ref = { name: args.bucketName, id: ready.apply(([id]) => id), arn: ready.apply(([, arn]) => arn) };
    this.registerOutputs({ arn: bucket.arn });
  }
}
