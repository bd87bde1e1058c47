/** The registry of supported resource types. */
import type { Adapter } from "../adapter";
import { cloudwatchAdapters } from "./cloudwatch";
import { eventbridgeAdapters } from "./eventbridge";
import { firehoseAdapters } from "./firehose";
import { glueAdapters } from "./glue";
import { iamAdapters } from "./iam";
import { kinesisAdapters } from "./kinesis";
import { kmsAdapters } from "./kms";
import { lambdaAdapters } from "./lambda";
import { logsAdapters } from "./logs";
import { s3Adapters } from "./s3";
import { sagemakerAdapters } from "./sagemaker";
import { schedulerAdapters } from "./scheduler";
import { secretsManagerAdapters } from "./secretsmanager";
import { sfnAdapters } from "./sfn";
import { snsAdapters } from "./sns";
import { sqsAdapters } from "./sqs";

/** The adapters by Pulumi type token. */
export function registry(adapters: readonly Adapter[]): ReadonlyMap<string, Adapter> {
  return new Map(adapters.map((adapter) => [adapter.type, adapter]));
}

export const ADAPTERS = registry([
  ...cloudwatchAdapters,
  ...eventbridgeAdapters,
  ...firehoseAdapters,
  ...glueAdapters,
  ...iamAdapters,
  ...kinesisAdapters,
  ...kmsAdapters,
  ...lambdaAdapters,
  ...logsAdapters,
  ...s3Adapters,
  ...sagemakerAdapters,
  ...schedulerAdapters,
  ...secretsManagerAdapters,
  ...sfnAdapters,
  ...snsAdapters,
  ...sqsAdapters,
]);
