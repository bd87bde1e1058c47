import {
  AssociateKmsKeyCommand,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DisassociateKmsKeyCommand,
  type LogGroupClass,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { oneOf } from "./shared";

/** The ARN without the `:*` that the API appends, as in the real provider. */
function logArn({ partition, region, accountId }: AdapterContext, path: string): string {
  return `arn:${partition}:logs:${region}:${accountId}:log-group:${path}`;
}

const group = defineAdapter({
  type: "aws:cloudwatch/logGroup:LogGroup",
  inputs: z.strictObject({
    name: z.string().optional(),
    retentionInDays: z.number().optional(),
    kmsKeyId: z.string().optional(),
    logGroupClass: oneOf<LogGroupClass>().optional(),
  }),
  replaceOn: ["name", "logGroupClass"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async (context, { retentionInDays, name: logGroupName = context.automaticName, ...wanted }) => {
    const { logs } = context.clients;
    await logs.send(new CreateLogGroupCommand({ logGroupName, ...wanted }));
    if (retentionInDays) await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    return { id: logGroupName, outputs: { name: logGroupName, arn: logArn(context, logGroupName) } };
  },
  update: async ({ clients: { logs } }, { retentionInDays, kmsKeyId }, previous) => {
    const logGroupName = previous.id;
    // 0 means "never expire", as in the real provider.
    if (retentionInDays) await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    else await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    if (kmsKeyId !== previous.inputs.kmsKeyId) {
      if (kmsKeyId === undefined) await logs.send(new DisassociateKmsKeyCommand({ logGroupName }));
      else await logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId }));
    }
    return previous;
  },
  delete: async ({ clients }, { id }) => {
    await clients.logs.send(new DeleteLogGroupCommand({ logGroupName: id }));
  },
});

const stream = defineAdapter({
  type: "aws:cloudwatch/logStream:LogStream",
  inputs: z.strictObject({ name: z.string().optional(), logGroupName: z.string() }),
  idOf: (context, { logGroupName, name }) => `${logGroupName}:${name ?? context.automaticName}`,
  create: async (context, { logGroupName, name: logStreamName = context.automaticName }) => {
    await context.clients.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const arn = logArn(context, `${logGroupName}:log-stream:${logStreamName}`);
    return { id: `${logGroupName}:${logStreamName}`, outputs: { name: logStreamName, arn } };
  },
  delete: async ({ clients }, previous) => {
    const [logGroupName, logStreamName] = previous.id.split(":");
    await clients.logs.send(new DeleteLogStreamCommand({ logGroupName, logStreamName }));
  },
});

export const logsAdapters = [group, stream];
