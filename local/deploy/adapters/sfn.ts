import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  type EncryptionType,
  type LogLevel,
  type StateMachineType,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { removedTags, required, tags } from "./shared";

const inputs = z.strictObject({
  name: z.string().optional(),
  definition: z.string(),
  roleArn: z.string(),
  type: z.enum(["STANDARD", "EXPRESS"]).optional(),
  loggingConfiguration: z
    .strictObject({
      includeExecutionData: z.boolean().optional(),
      level: z.string().optional(),
      logDestination: z.string().optional(),
    })
    .optional(),
  tracingConfiguration: z.strictObject({ enabled: z.boolean().optional() }).optional(),
  encryptionConfiguration: z
    .strictObject({
      type: z.string().optional(),
      kmsKeyId: z.string().optional(),
      kmsDataKeyReusePeriodSeconds: z.number().optional(),
    })
    .optional(),
  tags,
});

/** What a state machine is, as the Step Functions API takes it, for creation and for update. */
export function stateMachineDefinition(wanted: z.output<typeof inputs>) {
  const { loggingConfiguration: logging, tracingConfiguration: tracing, encryptionConfiguration: encryption } = wanted;
  return {
    definition: wanted.definition,
    roleArn: wanted.roleArn,
    loggingConfiguration: logging && {
      includeExecutionData: logging.includeExecutionData,
      level: logging.level as LogLevel | undefined,
      destinations: logging.logDestination
        ? [{ cloudWatchLogsLogGroup: { logGroupArn: logging.logDestination } }]
        : undefined,
    },
    tracingConfiguration: tracing && { enabled: tracing.enabled },
    encryptionConfiguration: encryption && {
      type: (encryption.type ?? "AWS_OWNED_KEY") as EncryptionType,
      kmsKeyId: encryption.kmsKeyId,
      kmsDataKeyReusePeriodSeconds: encryption.kmsDataKeyReusePeriodSeconds,
    },
  };
}

function tagged(map: Record<string, string> | undefined) {
  return Object.entries(map ?? {}).map(([key, value]) => ({ key, value }));
}

const stateMachine = defineAdapter({
  type: "aws:sfn/stateMachine:StateMachine",
  inputs,
  replaceOn: ["name", "type"],
  notEmulated: { tracingConfiguration: "there is no X-Ray here" },
  idOf: ({ partition, region, accountId, automaticName }, { name }) =>
    `arn:${partition}:states:${region}:${accountId}:stateMachine:${name ?? automaticName}`,
  create: async ({ clients, automaticName }, wanted) => {
    const name = wanted.name ?? automaticName;
    const created = await clients.sfn.send(
      new CreateStateMachineCommand({
        name,
        type: wanted.type as StateMachineType | undefined,
        ...stateMachineDefinition(wanted),
        tags: tagged(wanted.tags),
      }),
    );
    const arn = required(created.stateMachineArn, "the state machine's ARN");
    return { id: arn, outputs: { name, arn, status: "ACTIVE" } };
  },
  update: async ({ clients }, wanted, previous) => {
    const stateMachineArn = previous.id;
    await clients.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, ...stateMachineDefinition(wanted) }));
    const tagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (tagKeys.length > 0) await clients.sfn.send(new UntagResourceCommand({ resourceArn: stateMachineArn, tagKeys }));
    await clients.sfn.send(new TagResourceCommand({ resourceArn: stateMachineArn, tags: tagged(wanted.tags) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: previous.id }));
  },
});

export const sfnAdapters = [stateMachine];
