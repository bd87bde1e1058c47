import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../platform";

/** An encrypted log group with the environment's retention period. */
export function logGroup(
  name: string,
  groupName: string,
  platform: Pick<Platform, "config" | "dataKeyArn">,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    name,
    { name: groupName, retentionInDays: platform.config.logRetentionDays, kmsKeyId: platform.dataKeyArn },
    options,
  );
}
