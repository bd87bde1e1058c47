import { at, isProduction, type Rule } from "../rule";

const logging = "aws:s3/bucketLogging:BucketLogging";

export const productionAccessLogs: Rule = {
  name: "production-access-logs",
  description: "In prod, S3 records every access to a bucket. The bucket of these records is the only one without.",
  types: ["aws:s3/bucket:Bucket"],
  wholeStack: true,
  judge({ urn, props: { bucket } }, all) {
    if (!isProduction(urn)) return [];
    const logs = all.filter(({ type }) => type === logging);
    const known = logs.some(({ props }) => props.bucket === bucket || at(props, "targetBucket") === bucket);
    return known ? [] : ["has no access logs: set daybreak:accessLogDays."];
  },
};
