import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteResourcePolicyCommand,
  DeleteRetentionPolicyCommand,
  type LogGroupClass,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, removedTags, tags } from "./shared";

/** The ARN without the `:*` that the API appends: what the real provider gives. */
function logArn({ partition, region, accountId }: AdapterContext, path: string): string {
  return `arn:${partition}:logs:${region}:${accountId}:log-group:${path}`;
}

async function setRetention({ clients }: AdapterContext, logGroupName: string, retentionInDays: number | undefined) {
  // 0 means "keep for ever", as with the real provider.
  if (retentionInDays) await clients.logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  else await clients.logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
}

const group = defineAdapter({
  type: "aws:cloudwatch/logGroup:LogGroup",
  inputs: z.strictObject({
    name: z.string().optional(),
    retentionInDays: z.number().optional(),
    kmsKeyId: z.string().optional(),
    logGroupClass: z.string().optional(),
    skipDestroy: z.boolean().optional(),
    tags,
  }),
  replaceOn: ["name", "kmsKeyId", "logGroupClass"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async (context, wanted) => {
    const logGroupName = wanted.name ?? context.automaticName;
    await context.clients.logs.send(
      new CreateLogGroupCommand({
        logGroupName,
        kmsKeyId: wanted.kmsKeyId,
        logGroupClass: wanted.logGroupClass as LogGroupClass | undefined,
        tags: wanted.tags,
      }),
    );
    if (wanted.retentionInDays) await setRetention(context, logGroupName, wanted.retentionInDays);
    return { id: logGroupName, outputs: { name: logGroupName, arn: logArn(context, logGroupName) } };
  },
  update: async (context, wanted, previous) => {
    const resourceArn = String(previous.outputs.arn);
    await setRetention(context, previous.id, wanted.retentionInDays);
    const tagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (tagKeys.length > 0) await context.clients.logs.send(new UntagResourceCommand({ resourceArn, tagKeys }));
    if (wanted.tags) await context.clients.logs.send(new TagResourceCommand({ resourceArn, tags: wanted.tags }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    if (previous.inputs.skipDestroy === true) return;
    await clients.logs.send(new DeleteLogGroupCommand({ logGroupName: previous.id }));
  },
});

const stream = defineAdapter({
  type: "aws:cloudwatch/logStream:LogStream",
  inputs: z.strictObject({ name: z.string().optional(), logGroupName: z.string() }),
  idOf: (context, { logGroupName, name }) => `${logGroupName}:${name ?? context.automaticName}`,
  create: async (context, wanted) => {
    const { logGroupName } = wanted;
    const logStreamName = wanted.name ?? context.automaticName;
    await context.clients.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const arn = logArn(context, `${logGroupName}:log-stream:${logStreamName}`);
    return { id: `${logGroupName}:${logStreamName}`, outputs: { name: logStreamName, arn } };
  },
  delete: async ({ clients }, previous) => {
    const [logGroupName, logStreamName] = previous.id.split(":");
    await clients.logs.send(new DeleteLogStreamCommand({ logGroupName, logStreamName }));
  },
});

const resourcePolicyInputs = z.strictObject({ policyName: z.string(), policyDocument: jsonDocument });

async function putResourcePolicy({ clients }: AdapterContext, wanted: z.output<typeof resourcePolicyInputs>) {
  await clients.logs.send(new PutResourcePolicyCommand(wanted));
  return { id: wanted.policyName, outputs: {} };
}

const resourcePolicy = defineAdapter({
  type: "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  inputs: resourcePolicyInputs,
  replaceOn: ["policyName"],
  create: putResourcePolicy,
  update: putResourcePolicy,
  delete: async ({ clients }, previous) => {
    await clients.logs.send(new DeleteResourcePolicyCommand({ policyName: previous.id }));
  },
});

export const logsAdapters = [group, stream, resourcePolicy];
