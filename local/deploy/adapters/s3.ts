import type {
  BucketLocationConstraint,
  BucketVersioningStatus,
  LifecycleRule,
  ServerSideEncryption,
  TransitionStorageClass,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { ArchiveContent, FileContent } from "../values";
import { jsonDocument, oneOf, pascal } from "./shared";

/** Deletes every version of every object, for forceDestroy. */
async function emptyBucket({ clients: { s3 } }: AdapterContext, Bucket: string): Promise<void> {
  for (;;) {
    const page = await s3.listObjectVersions({ Bucket });
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (versions.length === 0) return;
    const Objects = versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
    await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
  }
}

const bucket = defineAdapter({
  type: "aws:s3/bucket:Bucket",
  inputs: z.strictObject({ bucket: z.string().optional(), forceDestroy: z.boolean().optional() }),
  nameInput: "bucket",
  holds: "its objects",
  create: async ({ clients, partition, region }, { bucket: Bucket }) => {
    const LocationConstraint = region as BucketLocationConstraint;
    // S3 rejects us-east-1 as a LocationConstraint.
    const CreateBucketConfiguration = region === "us-east-1" ? undefined : { LocationConstraint };
    await clients.s3.createBucket({ Bucket, CreateBucketConfiguration });
    return { id: Bucket, outputs: { bucket: Bucket, arn: `arn:${partition}:s3:::${Bucket}`, region } };
  },
  // Nothing to call: forceDestroy only affects deletion.
  update: async () => undefined,
  delete: async (context, previous) => {
    if (previous.inputs.forceDestroy === true) await emptyBucket(context, previous.id);
    await context.clients.s3.deleteBucket({ Bucket: previous.id });
  },
});

type Call<Wanted> = (context: AdapterContext, Bucket: string, wanted: Wanted) => Promise<unknown>;

/** A bucket setting that is put and deleted as a whole. */
function partOfBucket<Wanted extends { bucket: string }>(
  name: string,
  inputs: z.ZodType<Wanted>,
  put: Call<Wanted>,
  remove: (context: AdapterContext, Bucket: string) => Promise<unknown>,
) {
  return defineAdapter<Wanted>({
    type: `aws:s3/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`,
    inputs,
    replaceOn: ["bucket"],
    put: async (context, wanted) => {
      await put(context, wanted.bucket, wanted);
      return { id: wanted.bucket, outputs: {} };
    },
    delete: (context, { id }) => remove(context, id),
  });
}

const putVersioning = ({ clients }: AdapterContext, Bucket: string, Status: BucketVersioningStatus) =>
  clients.s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } });

const versioning = partOfBucket(
  "BucketVersioning",
  z.strictObject({
    bucket: z.string(),
    versioningConfiguration: z.strictObject({ status: oneOf<BucketVersioningStatus>() }),
  }),
  (context, Bucket, { versioningConfiguration }) => putVersioning(context, Bucket, versioningConfiguration.status),
  // Versioning cannot be removed once enabled, only suspended.
  (context, Bucket) => putVersioning(context, Bucket, "Suspended"),
);

const encryption = partOfBucket(
  "BucketServerSideEncryptionConfiguration",
  z.strictObject({
    bucket: z.string(),
    rules: z.array(
      z.strictObject({
        applyServerSideEncryptionByDefault: z
          .strictObject({ sseAlgorithm: oneOf<ServerSideEncryption>(), kmsMasterKeyId: z.string().optional() })
          .optional(),
        bucketKeyEnabled: z.boolean().optional(),
      }),
    ),
  }),
  ({ clients }, Bucket, { rules }) => {
    const Rules = rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
      ApplyServerSideEncryptionByDefault: byDefault && {
        SSEAlgorithm: byDefault.sseAlgorithm,
        KMSMasterKeyID: byDefault.kmsMasterKeyId,
      },
      BucketKeyEnabled: bucketKeyEnabled,
    }));
    return clients.s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules } });
  },
  ({ clients }, Bucket) => clients.s3.deleteBucketEncryption({ Bucket }),
);

const accessBlock = partOfBucket(
  "BucketPublicAccessBlock",
  z.strictObject({
    bucket: z.string(),
    blockPublicAcls: z.boolean().default(false),
    blockPublicPolicy: z.boolean().default(false),
    ignorePublicAcls: z.boolean().default(false),
    restrictPublicBuckets: z.boolean().default(false),
  }),
  ({ clients }, Bucket, { bucket: _, ...wanted }) =>
    clients.s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: pascal(wanted) }),
  ({ clients }, Bucket) => clients.s3.deletePublicAccessBlock({ Bucket }),
);

const policy = partOfBucket(
  "BucketPolicy",
  z.strictObject({ bucket: z.string(), policy: jsonDocument }),
  ({ clients }, Bucket, { policy: Policy }) => clients.s3.putBucketPolicy({ Bucket, Policy }),
  ({ clients }, Bucket) => clients.s3.deleteBucketPolicy({ Bucket }),
);

const ruleInputs = z.strictObject({
  id: z.string(),
  status: z.enum(["Enabled", "Disabled"]),
  filter: z.strictObject({ prefix: z.string().optional() }).optional(),
  expiration: z
    .strictObject({ days: z.number().optional(), expiredObjectDeleteMarker: z.boolean().optional() })
    .optional(),
  transitions: z
    .array(z.strictObject({ days: z.number().optional(), storageClass: oneOf<TransitionStorageClass>() }))
    .optional(),
  noncurrentVersionExpiration: z.strictObject({ noncurrentDays: z.number() }).optional(),
  abortIncompleteMultipartUpload: z.strictObject({ daysAfterInitiation: z.number().optional() }).optional(),
});

/** One lifecycle rule as the S3 API takes it. A rule without a filter applies to everything: the empty prefix. */
export function lifecycleRule({ id, filter, ...wanted }: z.output<typeof ruleInputs>): LifecycleRule {
  return { ID: id, Filter: { Prefix: filter?.prefix ?? "" }, ...pascal(wanted) };
}

const lifecycle = partOfBucket(
  "BucketLifecycleConfiguration",
  z.strictObject({ bucket: z.string(), rules: z.array(ruleInputs) }),
  ({ clients }, Bucket, { rules }) => {
    const LifecycleConfiguration = { Rules: rules.map(lifecycleRule) };
    return clients.s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration });
  },
  ({ clients }, Bucket) => clients.s3.deleteBucketLifecycle({ Bucket }),
);

const logging = partOfBucket(
  "BucketLogging",
  z.strictObject({ bucket: z.string(), targetBucket: z.string(), targetPrefix: z.string() }),
  ({ clients }, Bucket, { targetBucket: TargetBucket, targetPrefix: TargetPrefix }) =>
    clients.s3.putBucketLogging({ Bucket, BucketLoggingStatus: { LoggingEnabled: { TargetBucket, TargetPrefix } } }),
  // There is no call that deletes it: without LoggingEnabled it ends.
  ({ clients }, Bucket) => clients.s3.putBucketLogging({ Bucket, BucketLoggingStatus: {} }),
);

const objectInputs = z.strictObject({
  bucket: z.string(),
  key: z.string(),
  content: z.string().optional(),
  contentBase64: z.string().optional(),
  source: z.union([z.instanceof(FileContent), z.instanceof(ArchiveContent)]).optional(),
  contentType: z.string().optional(),
});
type ObjectInputs = z.output<typeof objectInputs>;

/** The bytes of an object that was given as text, base64, a file or an archive. */
export function objectBody({ key, content, contentBase64, source }: ObjectInputs): Buffer {
  if ([content, contentBase64, source].filter((given) => given !== undefined).length > 1) {
    throw new DeploymentError(`The object ${key} has more than one of content, contentBase64 and source.`);
  }
  if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
  if (source instanceof FileContent) return source.bytes();
  return source?.zipped() ?? Buffer.from(content ?? "", "utf8");
}

const object = defineAdapter({
  type: "aws:s3/bucketObjectv2:BucketObjectv2",
  inputs: objectInputs,
  replaceOn: ["bucket", "key"],
  idOf: (_, { bucket, key }) => `${bucket}/${key}`,
  put: async ({ clients, partition }, wanted) => {
    const { bucket: Bucket, key: Key, contentType: ContentType } = wanted;
    await clients.s3.putObject({ Bucket, Key, Body: objectBody(wanted), ContentType });
    return { id: `${Bucket}/${Key}`, outputs: { key: Key, arn: `arn:${partition}:s3:::${Bucket}/${Key}` } };
  },
  delete: ({ clients }, { inputs }) =>
    clients.s3.deleteObject({ Bucket: String(inputs.bucket), Key: String(inputs.key) }),
});

export const s3Adapters = [bucket, versioning, encryption, accessBlock, policy, object, lifecycle, logging];
