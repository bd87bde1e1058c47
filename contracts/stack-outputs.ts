/** The stack's outputs: the names and addresses that the command line, the demo and other stacks need. */
import * as z from "zod/mini";
import { datasets } from "./datasets";
import { text } from "./values";

/** The outputs of one pipeline. */
export const pipelineOutputs = z.object({
  streamName: text.check(z.describe("The Kinesis stream that takes the events.")),
  database: text.check(z.describe("The Glue database of the pipeline's tables.")),
  featureGroup: text,
  modelPackageGroup: text,
  endpointName: text.check(z.describe("The endpoint, which is created when the first version is approved.")),
  runStateMachineArn: text,
  serveStateMachineArn: text,
  monitorStateMachineArn: text,
  predictFunctionName: text,
  predictUrl: text,
  driftAlarmNames: z.array(text),
  qualityAlarmName: text,
  servingAlarmName: text,
  dashboardName: text,
  datasets,
});
export type PipelineOutputs = z.infer<typeof pipelineOutputs>;

/** The outputs of the stack. */
export const stackOutputs = z.object({
  lakeBucket: text,
  codeBucket: text,
  alertTopicArn: text.check(z.describe("The SNS topic for all alert messages and alarms.")),
  slackSecretArn: text.check(z.describe("The secret with the Slack webhook URL.")),
  pipelines: z.record(z.string(), pipelineOutputs),
});
export type StackOutputs = z.infer<typeof stackOutputs>;
