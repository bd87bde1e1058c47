import {
  DeleteBucketLifecycleCommand,
  type ExpirationStatus,
  type LifecycleRule,
  type LifecycleRuleFilter,
  PutBucketLifecycleConfigurationCommand,
  type TransitionStorageClass,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { tagList, tags } from "./shared";

const filterParts = {
  prefix: z.string().optional(),
  objectSizeGreaterThan: z.number().optional(),
  objectSizeLessThan: z.number().optional(),
};

const ruleInputs = z.strictObject({
  id: z.string(),
  status: z.enum(["Enabled", "Disabled"]),
  filter: z
    .strictObject({
      ...filterParts,
      tag: z.strictObject({ key: z.string(), value: z.string() }).optional(),
      and: z.strictObject({ ...filterParts, tags }).optional(),
    })
    .optional(),
  expiration: z
    .strictObject({ days: z.number().optional(), expiredObjectDeleteMarker: z.boolean().optional() })
    .optional(),
  transitions: z.array(z.strictObject({ days: z.number().optional(), storageClass: z.string() })).optional(),
  noncurrentVersionExpiration: z
    .strictObject({ noncurrentDays: z.number(), newerNoncurrentVersions: z.number().optional() })
    .optional(),
  noncurrentVersionTransitions: z
    .array(z.strictObject({ noncurrentDays: z.number(), storageClass: z.string() }))
    .optional(),
  abortIncompleteMultipartUpload: z.strictObject({ daysAfterInitiation: z.number().optional() }).optional(),
});
type RuleInputs = z.output<typeof ruleInputs>;

const inputs = z.strictObject({ bucket: z.string(), rules: z.array(ruleInputs) });
type Inputs = z.output<typeof inputs>;

/** One lifecycle rule as the S3 API takes it. A rule without a filter applies to everything: the empty prefix. */
export function lifecycleRule(rule: RuleInputs): LifecycleRule {
  return {
    ID: rule.id,
    Status: rule.status as ExpirationStatus,
    Filter: ruleFilter(rule.filter),
    Expiration: rule.expiration && {
      Days: rule.expiration.days,
      ExpiredObjectDeleteMarker: rule.expiration.expiredObjectDeleteMarker,
    },
    Transitions: rule.transitions?.map(({ days, storageClass }) => ({
      Days: days,
      StorageClass: storageClass as TransitionStorageClass,
    })),
    NoncurrentVersionExpiration: rule.noncurrentVersionExpiration && {
      NoncurrentDays: rule.noncurrentVersionExpiration.noncurrentDays,
      NewerNoncurrentVersions: rule.noncurrentVersionExpiration.newerNoncurrentVersions,
    },
    NoncurrentVersionTransitions: rule.noncurrentVersionTransitions?.map(({ noncurrentDays, storageClass }) => ({
      NoncurrentDays: noncurrentDays,
      StorageClass: storageClass as TransitionStorageClass,
    })),
    AbortIncompleteMultipartUpload: rule.abortIncompleteMultipartUpload && {
      DaysAfterInitiation: rule.abortIncompleteMultipartUpload.daysAfterInitiation,
    },
  };
}

function ruleFilter(filter: RuleInputs["filter"]): LifecycleRuleFilter {
  const { and, tag } = filter ?? {};
  if (and !== undefined) {
    const { prefix, objectSizeGreaterThan, objectSizeLessThan } = and;
    const sizes = { ObjectSizeGreaterThan: objectSizeGreaterThan, ObjectSizeLessThan: objectSizeLessThan };
    return { And: { Prefix: prefix, ...sizes, Tags: and.tags && tagList(and.tags) } };
  }
  if (tag !== undefined) return { Tag: { Key: tag.key, Value: tag.value } };
  if (filter?.objectSizeGreaterThan !== undefined) return { ObjectSizeGreaterThan: filter.objectSizeGreaterThan };
  if (filter?.objectSizeLessThan !== undefined) return { ObjectSizeLessThan: filter.objectSizeLessThan };
  return { Prefix: filter?.prefix ?? "" };
}

async function put({ clients }: AdapterContext, { bucket, rules }: Inputs) {
  const LifecycleConfiguration = { Rules: rules.map(lifecycleRule) };
  await clients.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration }));
  return { id: bucket, outputs: {} };
}

export const lifecycle = defineAdapter({
  type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  inputs,
  replaceOn: ["bucket"],
  notEmulated: { rules: "they are kept, but nothing expires or moves" },
  create: put,
  update: put,
  delete: async ({ clients }, previous) => {
    await clients.s3.send(new DeleteBucketLifecycleCommand({ Bucket: previous.id }));
  },
});
