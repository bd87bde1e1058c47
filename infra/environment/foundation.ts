import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { PrivateBucket } from "../components/private-bucket";
import type { StackConfig } from "../config";
import { dataKeyStatements, messagesKeyStatements } from "../iam/keys";
import { type ResourceStatement, resourcePolicyDocument } from "../iam/statements";
import { lakeLifecycle } from "../lake/datasets";
import { fixedDays } from "../lake/retention";
import type { EnvironmentNames, Place } from "../names";
import type { BucketRef } from "../platform";
import { bucketGrants, keyGrants } from "../promotion/grants";

export interface FoundationArgs {
  place: Place;
  names: EnvironmentNames;
  config: StackConfig;
}

/** The environment's KMS keys, its lake and code buckets, and the Glue security configuration. */
export class Foundation extends pulumi.ComponentResource {
  readonly keys: { dataKeyArn: pulumi.Output<string>; messagesKeyArn: pulumi.Output<string> };
  readonly lakeBucket: BucketRef;
  readonly codeBucket: BucketRef;
  readonly glueSecurity: pulumi.Output<string>;

  constructor(name: string, { place, names, config }: FoundationArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:environment:Foundation", name, {}, options);
    const pipelines = config.pipelineSpecs.map((spec) => spec.name);
    const giving = { place, to: config.promotion.to, pipelines };
    const key = (what: string, alias: string, description: string, statements: readonly ResourceStatement[]) => {
      const made = new aws.kms.Key(
        `${name}-${what}-key`,
        {
          description,
          policy: resourcePolicyDocument(statements),
          enableKeyRotation: true,
          deletionWindowInDays: 30,
        },
        { parent: this, protect: config.protectData },
      );
      new aws.kms.Alias(`${name}-${what}-alias`, { name: alias, targetKeyId: made.keyId }, { parent: this });
      return made.arn;
    };
    const dataKeyArn = key(
      "data",
      names.dataKeyAlias,
      "Daybreak: encrypts the lake, code, event streams, feature stores, job volumes and logs",
      dataKeyStatements(place, keyGrants(giving)),
    );
    const messagesKeyArn = key(
      "messages",
      names.messagesKeyAlias,
      "Daybreak: encrypts alerts and dead letters",
      messagesKeyStatements(place),
    );
    this.keys = { dataKeyArn, messagesKeyArn };
    const accessLogs = this.accessLogBucket(name, { place, names, config });
    const bucket = (what: string, bucketName: string, lifecycle: Parameters<typeof lifecycleOf>[0]) =>
      new PrivateBucket(
        `${name}-${what}`,
        {
          ...{ bucketName, accessLogs, keyArn: dataKeyArn },
          ...{ protect: config.protectData, lifecycle: lifecycleOf(lifecycle) },
          statements: (arn) => bucketGrants(giving, bucketName, arn),
        },
        { parent: this },
      ).ref;
    this.lakeBucket = bucket("lake", names.lakeBucket, lakeLifecycle(pipelines, config.retention));
    this.codeBucket = bucket("code", names.codeBucket, { expire: [] });
    const security = new aws.glue.SecurityConfiguration(
      `${name}-glue-security`,
      {
        name: names.glueSecurity,
        encryptionConfiguration: {
          s3Encryption: { s3EncryptionMode: "SSE-KMS", kmsKeyArn: dataKeyArn },
          // The jobs' log groups have the key themselves. With a key from here, Glue would write to other groups, whose names
          // end with that of the security configuration, and which it would have to create (botocore: JobRun.LogGroupName).
          cloudwatchEncryption: { cloudwatchEncryptionMode: "DISABLED" },
          jobBookmarksEncryption: { jobBookmarksEncryptionMode: "CSE-KMS", kmsKeyArn: dataKeyArn },
        },
      },
      { parent: this },
    );
    this.glueSecurity = security.name;
    this.registerOutputs(this.keys);
  }

  /** The bucket into which S3 writes who accessed the other two, if the environment wants to know. */
  private accessLogBucket(name: string, { place, names, config }: FoundationArgs): BucketRef | undefined {
    if (config.accessLogDays === undefined) return undefined;
    const bucket = new PrivateBucket(
      `${name}-access-logs`,
      {
        bucketName: names.accessLogBucket,
        protect: config.protectData,
        lifecycle: lifecycleOf({ expire: [{ prefix: "", days: config.accessLogDays }] }),
        statements: (arn) => [writeAccessLogs(place, arn, [names.lakeBucket, names.codeBucket])],
      },
      { parent: this },
    );
    return bucket.ref;
  }
}

/** Permission of S3 to write the access logs of these buckets. Each has a folder of its own. */
function writeAccessLogs(
  { accountId }: Place,
  arn: pulumi.Output<string>,
  sources: readonly string[],
): ResourceStatement {
  return {
    sid: "WriteAccessLogs",
    effect: "Allow",
    principal: { service: "logging.s3.amazonaws.com" },
    actions: ["s3:PutObject"],
    resources: sources.map((source) => pulumi.interpolate`${arn}/${source}/*`),
    conditions: {
      ArnLike: { "aws:SourceArn": sources.map((source) => `arn:aws:s3:::${source}`) },
      StringEquals: { "aws:SourceAccount": accountId },
    },
  };
}

/** Lifecycle rules: objects below a prefix of `expire` are deleted after its days, those below `archive` move to STANDARD_IA. */
function lifecycleOf({ archive, expire }: { archive?: string; expire: readonly { prefix: string; days: number }[] }) {
  const rules: aws.types.input.s3.BucketLifecycleConfigurationRule[] = expire.map(({ prefix, days }) => ({
    id: `expire-${prefix || "all"}`,
    status: "Enabled",
    filter: { prefix },
    expiration: { days },
  }));
  if (archive !== undefined) {
    rules.push({
      id: `archive-${archive}`,
      status: "Enabled",
      filter: { prefix: archive },
      transitions: [{ days: fixedDays.archived, storageClass: "STANDARD_IA" }],
    });
  }
  return rules;
}
