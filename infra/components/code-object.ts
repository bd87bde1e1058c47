import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { BucketRef } from "../platform";

/**
 * A file in the code bucket. Its key holds the hash of its content, so a change is a new object; the old one stays when the
 * stack moves on, because runs that are under way, and models that were trained with it, still refer to it.
 *
 * @returns its `s3://` address
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
