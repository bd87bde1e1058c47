import type { RuleState, Target } from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { deliveryInputs, jsonDocument, oneOf, pascal } from "./shared";

const rule = defineAdapter({
  type: "aws:cloudwatch/eventRule:EventRule",
  inputs: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    eventPattern: jsonDocument.optional(),
    state: oneOf<RuleState>().default("ENABLED"),
  }),
  nameInput: "name",
  put: async ({ clients }, wanted) => {
    const { RuleArn } = await clients.eventbridge.putRule(pascal(wanted));
    return { id: wanted.name, outputs: { name: wanted.name, arn: RuleArn } };
  },
  delete: ({ clients }, { id }) => clients.eventbridge.deleteRule({ Name: id }),
});

const targetInputs = z.strictObject({
  rule: z.string(),
  arn: z.string(),
  targetId: z.string().optional(),
  roleArn: z.string().optional(),
  input: z.string().optional(),
  ...deliveryInputs,
});
type TargetInputs = z.output<typeof targetInputs> & { targetId: string };

/** A target as the EventBridge API takes it. */
export function ruleTarget({ rule, targetId, ...wanted }: TargetInputs): Target {
  return { Id: targetId, ...pascal(wanted) };
}

const target = defineAdapter({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  inputs: targetInputs,
  nameInput: "targetId",
  replaceOn: ["rule"],
  idOf: (_, { rule, targetId }) => `${rule}-${targetId}`,
  put: async ({ clients }, wanted) => {
    const { rule: Rule, targetId } = wanted;
    const { FailedEntries } = await clients.eventbridge.putTargets({ Rule, Targets: [ruleTarget(wanted)] });
    for (const { ErrorCode, ErrorMessage } of FailedEntries ?? []) {
      throw new DeploymentError(`EventBridge refused the target of ${Rule}: ${ErrorCode}: ${ErrorMessage}.`);
    }
    return { id: `${Rule}-${targetId}`, outputs: { targetId } };
  },
  delete: ({ clients }, { inputs, outputs }) =>
    clients.eventbridge.removeTargets({ Rule: String(inputs.rule), Ids: [String(outputs.targetId)] }),
});

export const eventbridgeAdapters = [rule, target];
