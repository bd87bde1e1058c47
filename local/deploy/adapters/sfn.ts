import type { LogLevel } from "@aws-sdk/client-sfn";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { arnOf, oneOf, required } from "./shared";

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

/** A state machine as the Step Functions API takes it, for creation and for update. */
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
  nameInput: "name",
  replaceOn: ["type"],
  idOf: (context, { name }) => arnOf(context, "states", `stateMachine:${name}`),
  create: async ({ clients }, wanted) => {
    const { name, type } = wanted;
    const { stateMachineArn } = await clients.sfn.createStateMachine({ name, type, ...stateMachineDefinition(wanted) });
    const arn = required(stateMachineArn, "the state machine's ARN");
    return { id: arn, outputs: { name, arn, status: "ACTIVE" } };
  },
  update: ({ clients }, wanted, { id }) =>
    clients.sfn.updateStateMachine({ stateMachineArn: id, ...stateMachineDefinition(wanted) }),
  delete: ({ clients }, { id }) => clients.sfn.deleteStateMachine({ stateMachineArn: id }),
});

export const sfnAdapters = [stateMachine];
