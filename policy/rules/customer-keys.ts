import { at, type Resource, type Rule } from "../rule";

/** Where each kind of store names the key that encrypts it. */
const keys: Readonly<Record<string, (props: Resource["props"]) => unknown>> = {
  "aws:cloudwatch/logGroup:LogGroup": ({ kmsKeyId }) => kmsKeyId,
  "aws:glue/securityConfiguration:SecurityConfiguration": ({ encryptionConfiguration }) =>
    at(encryptionConfiguration, "s3Encryption", "kmsKeyArn"),
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ({ extendedS3Configuration }) =>
    at(extendedS3Configuration, "kmsKeyArn"),
  "aws:kinesis/stream:Stream": ({ kmsKeyId }) => kmsKeyId,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ({ bucket, rules }) =>
    // S3 delivers access logs only to buckets with SSE-S3 (User Guide: "Enabling Amazon S3 server access logging").
    String(bucket).includes("-access-logs-")
      ? "none"
      : at(rules, 0, "applyServerSideEncryptionByDefault", "kmsMasterKeyId"),
  "aws:sagemaker/featureGroup:FeatureGroup": ({ onlineStoreConfig }) =>
    at(onlineStoreConfig, "securityConfig", "kmsKeyId"),
  "aws:secretsmanager/secret:Secret": ({ kmsKeyId }) => kmsKeyId,
  "aws:sns/topic:Topic": ({ kmsMasterKeyId }) => kmsMasterKeyId,
  "aws:sqs/queue:Queue": ({ kmsMasterKeyId }) => kmsMasterKeyId,
};

export const customerKeys: Rule = {
  name: "customer-keys",
  description:
    "Streams, buckets, logs, queues, topics, secrets and feature stores are encrypted with a customer-managed key.",
  types: Object.keys(keys),
  judge({ type, props }) {
    const key = keys[type]?.(props);
    if (typeof key !== "string" || key === "")
      return ["is not encrypted with a KMS key: set the data or messages key."];
    return key.includes("alias/aws/") ? [`is encrypted with ${key}, whose policy cannot be changed.`] : [];
  },
};
