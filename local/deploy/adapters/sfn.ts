import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  type LogLevel,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { oneOf, required } from "./shared";

const inputs = z.strictObject({
  name: z.string().optional(),
  definition: z.string(),
  roleArn: z.string(),
  type: z.enum(["STANDARD", "EXPRESS"]).optional(),
  loggingConfiguration: z
    .strictObject({
      includeExecutionData: z.boolean().optional(),
      level: oneOf<LogLevel>().optional(),
      logDestination: z.string().optional(),
    })
    .optional(),
  tracingConfiguration: z.strictObject({ enabled: z.boolean().optional() }).optional(),
});

/** What a state machine is, as the Step Functions API takes it, for creation and for update. */
export function stateMachineDefinition(wanted: z.output<typeof inputs>) {
  const { definition, roleArn, loggingConfiguration, tracingConfiguration } = wanted;
  const { logDestination, ...logging } = loggingConfiguration ?? {};
  const destinations = logDestination ? [{ cloudWatchLogsLogGroup: { logGroupArn: logDestination } }] : undefined;
  return {
    definition,
    roleArn,
    loggingConfiguration: loggingConfiguration && { ...logging, destinations },
    tracingConfiguration,
  };
}

const stateMachine = defineAdapter({
  type: "aws:sfn/stateMachine:StateMachine",
  inputs,
  replaceOn: ["name", "type"],
  idOf: ({ partition, region, accountId, automaticName }, { name }) =>
    `arn:${partition}:states:${region}:${accountId}:stateMachine:${name ?? automaticName}`,
  create: async ({ clients, automaticName }, wanted) => {
    const { name = automaticName, type } = wanted;
    const created = new CreateStateMachineCommand({ name, type, ...stateMachineDefinition(wanted) });
    const { stateMachineArn } = await clients.sfn.send(created);
    const arn = required(stateMachineArn, "the state machine's ARN");
    return { id: arn, outputs: { name, arn, status: "ACTIVE" } };
  },
  update: async ({ clients }, wanted, previous) => {
    const stateMachineArn = previous.id;
    await clients.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, ...stateMachineDefinition(wanted) }));
    return previous;
  },
  delete: async ({ clients }, { id }) => {
    await clients.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: id }));
  },
});

export const sfnAdapters = [stateMachine];
