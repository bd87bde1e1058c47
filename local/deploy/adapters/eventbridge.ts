import {
  DeleteRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type RuleState,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { jsonDocument, oneOf, pascal } from "./shared";

const ruleInputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  eventPattern: jsonDocument.optional(),
  state: oneOf<RuleState>().default("ENABLED"),
});

async function putRule({ clients, automaticName }: AdapterContext, wanted: z.output<typeof ruleInputs>) {
  const rule = { ...pascal(wanted), Name: wanted.name ?? automaticName };
  const { RuleArn } = await clients.eventbridge.send(new PutRuleCommand(rule));
  return { id: rule.Name, outputs: { name: rule.Name, arn: RuleArn } };
}

const rule = defineAdapter({
  type: "aws:cloudwatch/eventRule:EventRule",
  inputs: ruleInputs,
  replaceOn: ["name"],
  create: putRule,
  update: putRule,
  delete: async ({ clients }, { id }) => {
    await clients.eventbridge.send(new DeleteRuleCommand({ Name: id }));
  },
});

const targetInputs = z.strictObject({
  rule: z.string(),
  arn: z.string(),
  targetId: z.string().optional(),
  roleArn: z.string().optional(),
  input: z.string().optional(),
  deadLetterConfig: z.strictObject({ arn: z.string() }).optional(),
  retryPolicy: z
    .strictObject({
      maximumEventAgeInSeconds: z.number().optional(),
      maximumRetryAttempts: z.number().optional(),
    })
    .optional(),
});
type TargetInputs = z.output<typeof targetInputs>;

/** A target as the EventBridge API takes it. */
export function ruleTarget({ rule, targetId, ...wanted }: TargetInputs, Id: string): Target {
  return { Id, ...pascal(wanted) };
}

async function putTarget({ clients, automaticName }: AdapterContext, wanted: TargetInputs) {
  const targetId = wanted.targetId ?? automaticName;
  const put = new PutTargetsCommand({ Rule: wanted.rule, Targets: [ruleTarget(wanted, targetId)] });
  const [failed] = (await clients.eventbridge.send(put)).FailedEntries ?? [];
  if (failed !== undefined) {
    const { ErrorCode, ErrorMessage } = failed;
    throw new DeploymentError(`EventBridge refused the target of ${wanted.rule}: ${ErrorCode}: ${ErrorMessage}.`);
  }
  return { id: `${wanted.rule}-${targetId}`, outputs: { targetId } };
}

const target = defineAdapter({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  inputs: targetInputs,
  replaceOn: ["rule", "targetId"],
  create: putTarget,
  update: putTarget,
  delete: async ({ clients }, { inputs, outputs }) => {
    const Ids = [String(outputs.targetId)];
    await clients.eventbridge.send(new RemoveTargetsCommand({ Rule: String(inputs.rule), Ids }));
  },
});

export const eventbridgeAdapters = [rule, target];
