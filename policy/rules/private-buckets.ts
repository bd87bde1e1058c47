import type { Rule } from "../rule";

const guards: Readonly<Record<string, readonly string[]>> = {
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
  ],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [],
  "aws:s3/bucketVersioning:BucketVersioning": [],
};

export const privateBuckets: Rule = {
  name: "private-buckets",
  description: "Every bucket blocks public access, is encrypted and keeps old versions.",
  types: ["aws:s3/bucket:Bucket"],
  wholeStack: true,
  judge({ props: { bucket } }, all) {
    return Object.entries(guards).flatMap(([type, settings]) => {
      const guard = all.find((one) => one.type === type && one.props.bucket === bucket);
      const kind = type.split(":").at(-1);
      if (guard === undefined) return [`has no ${kind}.`];
      return settings.filter((name) => guard.props[name] !== true).map((name) => `has a ${kind} without ${name}.`);
    });
  },
};
