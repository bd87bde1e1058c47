import {
  type BucketLocationConstraint,
  type BucketVersioningStatus,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  ListObjectVersionsCommand,
  type ObjectOwnership,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { type AdapterContext, defineAdapter, type Previous } from "../adapter";
import { DeploymentError } from "../errors";
import { ArchiveContent, FileContent } from "../values";
import { lifecycle } from "./s3-lifecycle";
import { jsonDocument, tagList, tags, textMap } from "./shared";

/** Deletes every version of every object: what forceDestroy asks for. */
async function emptyBucket({ clients: { s3 } }: AdapterContext, Bucket: string): Promise<void> {
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (versions.length === 0) return;
    const Objects = versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
}

const bucket = defineAdapter({
  type: "aws:s3/bucket:Bucket",
  inputs: z.strictObject({ bucket: z.string().optional(), forceDestroy: z.boolean().optional(), tags }),
  replaceOn: ["bucket"],
  idOf: (context, inputs) => inputs.bucket ?? context.automaticName,
  create: async (context, inputs) => {
    const { clients, partition, region } = context;
    const Bucket = inputs.bucket ?? context.automaticName;
    const LocationConstraint = region as BucketLocationConstraint;
    // us-east-1 is the one region that may not be named here.
    const CreateBucketConfiguration = region === "us-east-1" ? undefined : { LocationConstraint };
    await clients.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    if (inputs.tags !== undefined) {
      await clients.s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(inputs.tags) } }));
    }
    const outputs = {
      bucket: Bucket,
      arn: `arn:${partition}:s3:::${Bucket}`,
      region,
      bucketRegion: region,
      bucketDomainName: `${Bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${Bucket}.s3.${region}.amazonaws.com`,
    };
    return { id: Bucket, outputs };
  },
  update: async ({ clients }, inputs, previous) => {
    const Tagging = { TagSet: tagList(inputs.tags) };
    await clients.s3.send(new PutBucketTaggingCommand({ Bucket: previous.id, Tagging }));
    return previous;
  },
  delete: async (context, previous) => {
    if (previous.inputs.forceDestroy === true) await emptyBucket(context, previous.id);
    await context.clients.s3.send(new DeleteBucketCommand({ Bucket: previous.id }));
  },
});

const versioningInputs = z.strictObject({
  bucket: z.string(),
  versioningConfiguration: z.strictObject({ status: z.enum(["Enabled", "Suspended"]) }),
});

async function putVersioning({ clients }: AdapterContext, inputs: z.output<typeof versioningInputs>) {
  const Status: BucketVersioningStatus = inputs.versioningConfiguration.status;
  await clients.s3.send(new PutBucketVersioningCommand({ Bucket: inputs.bucket, VersioningConfiguration: { Status } }));
  return { id: inputs.bucket, outputs: {} };
}

const versioning = defineAdapter({
  type: "aws:s3/bucketVersioning:BucketVersioning",
  inputs: versioningInputs,
  replaceOn: ["bucket"],
  create: putVersioning,
  update: putVersioning,
  delete: async (context, previous) => {
    // A bucket that was ever versioned can only be suspended.
    await putVersioning(context, { bucket: previous.id, versioningConfiguration: { status: "Suspended" } });
  },
});

const encryptionInputs = z.strictObject({
  bucket: z.string(),
  rules: z.array(
    z.strictObject({
      applyServerSideEncryptionByDefault: z
        .strictObject({ sseAlgorithm: z.string(), kmsMasterKeyId: z.string().optional() })
        .optional(),
      bucketKeyEnabled: z.boolean().optional(),
    }),
  ),
});

async function putEncryption({ clients }: AdapterContext, inputs: z.output<typeof encryptionInputs>) {
  const Rules = inputs.rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
    ApplyServerSideEncryptionByDefault: byDefault && {
      SSEAlgorithm: byDefault.sseAlgorithm as ServerSideEncryption,
      KMSMasterKeyID: byDefault.kmsMasterKeyId,
    },
    BucketKeyEnabled: bucketKeyEnabled,
  }));
  const ServerSideEncryptionConfiguration = { Rules };
  await clients.s3.send(new PutBucketEncryptionCommand({ Bucket: inputs.bucket, ServerSideEncryptionConfiguration }));
  return { id: inputs.bucket, outputs: {} };
}

const encryption = defineAdapter({
  type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  inputs: encryptionInputs,
  replaceOn: ["bucket"],
  create: putEncryption,
  update: putEncryption,
  delete: async ({ clients }, previous) => {
    await clients.s3.send(new DeleteBucketEncryptionCommand({ Bucket: previous.id }));
  },
});

const accessBlockInputs = z.strictObject({
  bucket: z.string(),
  blockPublicAcls: z.boolean().optional(),
  blockPublicPolicy: z.boolean().optional(),
  ignorePublicAcls: z.boolean().optional(),
  restrictPublicBuckets: z.boolean().optional(),
});

async function putAccessBlock({ clients }: AdapterContext, inputs: z.output<typeof accessBlockInputs>) {
  const PublicAccessBlockConfiguration = {
    BlockPublicAcls: inputs.blockPublicAcls ?? false,
    BlockPublicPolicy: inputs.blockPublicPolicy ?? false,
    IgnorePublicAcls: inputs.ignorePublicAcls ?? false,
    RestrictPublicBuckets: inputs.restrictPublicBuckets ?? false,
  };
  await clients.s3.send(new PutPublicAccessBlockCommand({ Bucket: inputs.bucket, PublicAccessBlockConfiguration }));
  return { id: inputs.bucket, outputs: {} };
}

const accessBlock = defineAdapter({
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  inputs: accessBlockInputs,
  replaceOn: ["bucket"],
  create: putAccessBlock,
  update: putAccessBlock,
  delete: async ({ clients }, previous) => {
    await clients.s3.send(new DeletePublicAccessBlockCommand({ Bucket: previous.id }));
  },
});

const policyInputs = z.strictObject({ bucket: z.string(), policy: jsonDocument });

async function putPolicy({ clients }: AdapterContext, inputs: z.output<typeof policyInputs>) {
  await clients.s3.send(new PutBucketPolicyCommand({ Bucket: inputs.bucket, Policy: inputs.policy }));
  return { id: inputs.bucket, outputs: { policy: inputs.policy } };
}

const policy = defineAdapter({
  type: "aws:s3/bucketPolicy:BucketPolicy",
  inputs: policyInputs,
  replaceOn: ["bucket"],
  create: putPolicy,
  update: putPolicy,
  delete: async ({ clients }, previous) => {
    await clients.s3.send(new DeleteBucketPolicyCommand({ Bucket: previous.id }));
  },
});

const ownershipInputs = z.strictObject({
  bucket: z.string(),
  rule: z.strictObject({ objectOwnership: z.string() }),
});

async function putOwnership({ clients }: AdapterContext, inputs: z.output<typeof ownershipInputs>) {
  const ObjectOwnership = inputs.rule.objectOwnership as ObjectOwnership;
  const OwnershipControls = { Rules: [{ ObjectOwnership }] };
  await clients.s3.send(new PutBucketOwnershipControlsCommand({ Bucket: inputs.bucket, OwnershipControls }));
  return { id: inputs.bucket, outputs: {} };
}

const ownership = defineAdapter({
  type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  inputs: ownershipInputs,
  replaceOn: ["bucket"],
  create: putOwnership,
  update: putOwnership,
});

const objectInputs = z.strictObject({
  bucket: z.string(),
  key: z.string(),
  content: z.string().optional(),
  contentBase64: z.string().optional(),
  source: z.union([z.instanceof(FileContent), z.instanceof(ArchiveContent)]).optional(),
  contentType: z.string().optional(),
  contentEncoding: z.string().optional(),
  serverSideEncryption: z.string().optional(),
  kmsKeyId: z.string().optional(),
  bucketKeyEnabled: z.boolean().optional(),
  metadata: textMap.optional(),
  forceDestroy: z.boolean().optional(),
  tags,
});
type ObjectInputs = z.output<typeof objectInputs>;

/** The bytes of an object that was given as text, base64, a file or an archive. */
export function objectBody(inputs: ObjectInputs): Buffer {
  const given = [inputs.content, inputs.contentBase64, inputs.source].filter((value) => value !== undefined);
  if (given.length > 1)
    throw new DeploymentError(`The object ${inputs.key} has more than one of content, contentBase64 and source.`);
  if (inputs.contentBase64 !== undefined) return Buffer.from(inputs.contentBase64, "base64");
  if (inputs.source instanceof FileContent) return inputs.source.bytes();
  if (inputs.source instanceof ArchiveContent) return inputs.source.zipped();
  return Buffer.from(inputs.content ?? "", "utf8");
}

async function putObject({ clients, partition }: AdapterContext, inputs: ObjectInputs) {
  const { bucket: Bucket, key: Key } = inputs;
  const put = await clients.s3.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body: objectBody(inputs),
      ContentType: inputs.contentType,
      ContentEncoding: inputs.contentEncoding,
      ServerSideEncryption: inputs.serverSideEncryption as ServerSideEncryption | undefined,
      SSEKMSKeyId: inputs.kmsKeyId,
      BucketKeyEnabled: inputs.bucketKeyEnabled,
      Metadata: inputs.metadata,
      Tagging: inputs.tags && new URLSearchParams(inputs.tags).toString(),
    }),
  );
  const etag = put.ETag?.replaceAll('"', "");
  const outputs = { key: Key, arn: `arn:${partition}:s3:::${Bucket}/${Key}`, etag, versionId: put.VersionId };
  return { id: `${Bucket}/${Key}`, outputs };
}

const object = defineAdapter({
  type: "aws:s3/bucketObjectv2:BucketObjectv2",
  inputs: objectInputs,
  replaceOn: ["bucket", "key"],
  // Code and pipelines are under keys with their hash: a change of the content is a change of the key.
  replaceable: true,
  create: putObject,
  update: putObject,
  delete: async ({ clients }, { inputs }: Previous) => {
    await clients.s3.send(new DeleteObjectCommand({ Bucket: String(inputs.bucket), Key: String(inputs.key) }));
  },
});

export const s3Adapters = [bucket, versioning, encryption, accessBlock, policy, ownership, object, lifecycle];
