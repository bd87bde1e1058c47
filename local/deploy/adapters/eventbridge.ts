import type {
  ApiDestinationHttpMethod,
  ConnectionAuthorizationType,
  RuleState,
  Target,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { deliveryInputs, jsonDocument, oneOf, pascal, textMap } from "./shared";

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
  inputTransformer: z.strictObject({ inputPaths: textMap.optional(), inputTemplate: z.string() }).optional(),
  httpTarget: z.strictObject({ headerParameters: textMap.optional() }).optional(),
  ...deliveryInputs,
});
type TargetInputs = z.output<typeof targetInputs> & { targetId: string };

/** A target as the EventBridge API takes it. */
export function ruleTarget({ rule, targetId, httpTarget, inputTransformer, ...wanted }: TargetInputs): Target {
  const transformer = inputTransformer && {
    InputPathsMap: inputTransformer.inputPaths,
    InputTemplate: inputTransformer.inputTemplate,
  };
  return {
    Id: targetId,
    ...pascal(wanted),
    ...(httpTarget && { HttpParameters: pascal(httpTarget) }),
    ...(transformer && { InputTransformer: transformer }),
  };
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

const connectionInputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  authorizationType: oneOf<ConnectionAuthorizationType>(),
  authParameters: z.strictObject({ apiKey: z.strictObject({ key: z.string(), value: z.string() }) }),
});

/** A connection as the EventBridge API takes it. */
export function connectionRequest({
  authParameters: { apiKey },
  ...wanted
}: z.output<typeof connectionInputs> & { name: string }) {
  const ApiKeyAuthParameters = { ApiKeyName: apiKey.key, ApiKeyValue: apiKey.value };
  return { ...pascal(wanted), AuthParameters: { ApiKeyAuthParameters } };
}

const connection = defineAdapter({
  type: "aws:cloudwatch/eventConnection:EventConnection",
  inputs: connectionInputs,
  nameInput: "name",
  holds: "its credentials",
  create: async ({ clients }, wanted) => {
    const { ConnectionArn } = await clients.eventbridge.createConnection(connectionRequest(wanted));
    return { id: wanted.name, outputs: { name: wanted.name, arn: ConnectionArn } };
  },
  update: ({ clients }, wanted) => clients.eventbridge.updateConnection(connectionRequest(wanted)),
  delete: ({ clients }, { id }) => clients.eventbridge.deleteConnection({ Name: id }),
});

const apiDestination = defineAdapter({
  type: "aws:cloudwatch/eventApiDestination:EventApiDestination",
  inputs: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    connectionArn: z.string(),
    httpMethod: oneOf<ApiDestinationHttpMethod>(),
    invocationEndpoint: z.string(),
    invocationRateLimitPerSecond: z.number().optional(),
  }),
  nameInput: "name",
  create: async ({ clients }, wanted) => {
    const { ApiDestinationArn } = await clients.eventbridge.createApiDestination(pascal(wanted));
    return { id: wanted.name, outputs: { name: wanted.name, arn: ApiDestinationArn } };
  },
  update: ({ clients }, wanted) => clients.eventbridge.updateApiDestination(pascal(wanted)),
  delete: ({ clients }, { id }) => clients.eventbridge.deleteApiDestination({ Name: id }),
});

export const eventbridgeAdapters = [rule, target, connection, apiDestination];
