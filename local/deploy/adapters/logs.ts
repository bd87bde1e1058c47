import type { LogGroupClass } from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { arnOf, oneOf } from "./shared";

/** The ARN without the `:*` that the API appends, as in the real provider. */
const logArn = (context: AdapterContext, path: string) => arnOf(context, "logs", `log-group:${path}`);

const group = defineAdapter({
  type: "aws:cloudwatch/logGroup:LogGroup",
  inputs: z.strictObject({
    name: z.string().optional(),
    retentionInDays: z.number().optional(),
    kmsKeyId: z.string().optional(),
    logGroupClass: oneOf<LogGroupClass>().optional(),
  }),
  nameInput: "name",
  replaceOn: ["logGroupClass"],
  create: async (context, { retentionInDays, name: logGroupName, ...wanted }) => {
    const { logs } = context.clients;
    await logs.createLogGroup({ logGroupName, ...wanted });
    if (retentionInDays) await logs.putRetentionPolicy({ logGroupName, retentionInDays });
    return { id: logGroupName, outputs: { name: logGroupName, arn: logArn(context, logGroupName) } };
  },
  update: async ({ clients: { logs } }, { name: logGroupName, retentionInDays, kmsKeyId }, previous) => {
    // 0 means "never expire", as in the real provider.
    if (retentionInDays) await logs.putRetentionPolicy({ logGroupName, retentionInDays });
    else await logs.deleteRetentionPolicy({ logGroupName });
    if (kmsKeyId !== previous.inputs.kmsKeyId) {
      if (kmsKeyId === undefined) await logs.disassociateKmsKey({ logGroupName });
      else await logs.associateKmsKey({ logGroupName, kmsKeyId });
    }
  },
  delete: ({ clients }, { id }) => clients.logs.deleteLogGroup({ logGroupName: id }),
});

const stream = defineAdapter({
  type: "aws:cloudwatch/logStream:LogStream",
  inputs: z.strictObject({ name: z.string().optional(), logGroupName: z.string() }),
  nameInput: "name",
  idOf: (_, { logGroupName, name }) => `${logGroupName}:${name}`,
  create: async (context, { logGroupName, name: logStreamName }) => {
    await context.clients.logs.createLogStream({ logGroupName, logStreamName });
    const arn = logArn(context, `${logGroupName}:log-stream:${logStreamName}`);
    return { id: `${logGroupName}:${logStreamName}`, outputs: { name: logStreamName, arn } };
  },
  delete: ({ clients }, { id }) => {
    const [logGroupName, logStreamName] = id.split(":");
    return clients.logs.deleteLogStream({ logGroupName, logStreamName });
  },
});

export const logsAdapters = [group, stream];
