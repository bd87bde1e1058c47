import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { BucketRef } from "../platform";

/**
 * A file in the code bucket. The caller puts a hash of the content into the key, so that changed content becomes a new
 * object. The old object is retained, because running jobs and registered models still refer to it.
 *
 * @returns the object's S3 URI
 */
export function codeObject(
  name: string,
  args: { bucket: BucketRef; key: string; content: string | Buffer; contentType: string },
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { bucket, key, content, contentType } = args;
  const object = new aws.s3.BucketObjectv2(
    name,
    {
      bucket: bucket.id,
      key,
      contentType,
      ...(typeof content === "string" ? { content } : { contentBase64: content.toString("base64") }),
    },
    { ...options, retainOnDelete: true },
  );
  return pulumi.interpolate`s3://${bucket.name}/${object.key}`;
}
