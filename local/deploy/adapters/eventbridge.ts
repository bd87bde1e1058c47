import {
  DeleteRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type RuleState,
  TagResourceCommand,
  type Target,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { jsonDocument, removedTags, tagList, tags, textMap } from "./shared";

const DEFAULT_BUS = "default";

const ruleInputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  eventBusName: z.string().optional(),
  eventPattern: jsonDocument.optional(),
  scheduleExpression: z.string().optional(),
  roleArn: z.string().optional(),
  state: z.string().optional(),
  tags,
});
type RuleInputs = z.output<typeof ruleInputs>;

async function putRule({ clients }: AdapterContext, wanted: RuleInputs, Name: string, isNew: boolean) {
  const EventBusName = wanted.eventBusName ?? DEFAULT_BUS;
  const { RuleArn } = await clients.eventbridge.send(
    new PutRuleCommand({
      Name,
      EventBusName,
      Description: wanted.description,
      EventPattern: wanted.eventPattern,
      ScheduleExpression: wanted.scheduleExpression,
      RoleArn: wanted.roleArn,
      State: (wanted.state ?? "ENABLED") as RuleState,
      // AWS takes tags only with a new rule.
      Tags: isNew && wanted.tags ? tagList(wanted.tags) : undefined,
    }),
  );
  const id = EventBusName === DEFAULT_BUS ? Name : `${EventBusName}/${Name}`;
  return { id, outputs: { name: Name, arn: RuleArn, eventBusName: EventBusName } };
}

const rule = defineAdapter({
  type: "aws:cloudwatch/eventRule:EventRule",
  inputs: ruleInputs,
  replaceOn: ["name", "eventBusName"],
  create: (context, wanted) => putRule(context, wanted, wanted.name ?? context.automaticName, true),
  update: async (context, wanted, previous) => {
    const updated = await putRule(context, wanted, String(previous.outputs.name), false);
    const { eventbridge } = context.clients;
    const ResourceARN = updated.outputs.arn;
    const TagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (TagKeys.length > 0) await eventbridge.send(new UntagResourceCommand({ ResourceARN, TagKeys }));
    if (wanted.tags) await eventbridge.send(new TagResourceCommand({ ResourceARN, Tags: tagList(wanted.tags) }));
    return updated;
  },
  delete: async ({ clients }, { outputs }) => {
    const rule = { Name: String(outputs.name), EventBusName: String(outputs.eventBusName) };
    await clients.eventbridge.send(new DeleteRuleCommand(rule));
  },
});

const targetInputs = z.strictObject({
  rule: z.string(),
  arn: z.string(),
  targetId: z.string().optional(),
  eventBusName: z.string().optional(),
  roleArn: z.string().optional(),
  input: z.string().optional(),
  inputPath: z.string().optional(),
  inputTransformer: z.strictObject({ inputPaths: textMap.optional(), inputTemplate: z.string() }).optional(),
  deadLetterConfig: z.strictObject({ arn: z.string().optional() }).optional(),
  retryPolicy: z
    .strictObject({
      maximumEventAgeInSeconds: z.number().optional(),
      maximumRetryAttempts: z.number().optional(),
    })
    .optional(),
});
type TargetInputs = z.output<typeof targetInputs>;

/** A target as the EventBridge API takes it. */
export function ruleTarget(wanted: TargetInputs, Id: string): Target {
  const { inputTransformer, deadLetterConfig, retryPolicy } = wanted;
  return {
    Id,
    Arn: wanted.arn,
    RoleArn: wanted.roleArn,
    Input: wanted.input,
    InputPath: wanted.inputPath,
    InputTransformer: inputTransformer && {
      InputPathsMap: inputTransformer.inputPaths,
      InputTemplate: inputTransformer.inputTemplate,
    },
    DeadLetterConfig: deadLetterConfig && { Arn: deadLetterConfig.arn },
    RetryPolicy: retryPolicy && {
      MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
      MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
    },
  };
}

async function putTarget({ clients, automaticName }: AdapterContext, wanted: TargetInputs) {
  const targetId = wanted.targetId ?? automaticName;
  const EventBusName = wanted.eventBusName ?? DEFAULT_BUS;
  const put = { Rule: wanted.rule, EventBusName, Targets: [ruleTarget(wanted, targetId)] };
  const { FailedEntries = [] } = await clients.eventbridge.send(new PutTargetsCommand(put));
  const [failed] = FailedEntries;
  if (failed !== undefined) {
    throw new DeploymentError(
      `EventBridge refused the target of ${wanted.rule}: ${failed.ErrorCode}: ${failed.ErrorMessage}.`,
    );
  }
  return { id: `${wanted.rule}-${targetId}`, outputs: { targetId, eventBusName: EventBusName } };
}

const target = defineAdapter({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  inputs: targetInputs,
  replaceOn: ["rule", "targetId", "eventBusName"],
  create: putTarget,
  update: putTarget,
  delete: async ({ clients }, { inputs, outputs }) => {
    const Ids = [String(outputs.targetId)];
    const EventBusName = String(outputs.eventBusName);
    await clients.eventbridge.send(new RemoveTargetsCommand({ Rule: String(inputs.rule), EventBusName, Ids }));
  },
});

export const eventbridgeAdapters = [rule, target];
