import {
  AddPermissionCommand,
  type Architecture,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  type FunctionUrlAuthType,
  GetFunctionConfigurationCommand,
  type InvokeMode,
  type LogFormat,
  RemovePermissionCommand,
  type Runtime,
  type TracingMode,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { ArchiveContent, changedKeys, storableInputs } from "../values";
import { oneOf, pascal, required, textMap, waitFor } from "./shared";

const functionInputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  role: z.string(),
  code: z.instanceof(ArchiveContent),
  handler: z.string(),
  runtime: oneOf<Runtime>(),
  architectures: z.array(oneOf<Architecture>()).optional(),
  memorySize: z.number().optional(),
  timeout: z.number().optional(),
  environment: z.strictObject({ variables: textMap.optional() }).optional(),
  deadLetterConfig: z.strictObject({ targetArn: z.string() }).optional(),
  loggingConfig: z.strictObject({ logFormat: oneOf<LogFormat>(), logGroup: z.string().optional() }).optional(),
  tracingConfig: z.strictObject({ mode: oneOf<TracingMode>() }).optional(),
});

/** A function's configuration as the Lambda API takes it, for creation and for update. */
export function functionConfiguration({ name, code, architectures, ...wanted }: z.output<typeof functionInputs>) {
  return pascal(wanted);
}

/** Waits until the function accepts invocations and updates. */
async function untilReady({ clients }: AdapterContext, FunctionName: string) {
  return waitFor(`the function ${FunctionName} to become active`, async () => {
    const found = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    if (found.State === "Failed" || found.LastUpdateStatus === "Failed") {
      const reason = found.StateReason ?? found.LastUpdateStatusReason ?? "no reason given";
      throw new DeploymentError(`The function ${FunctionName} failed: ${reason}.`);
    }
    const busy = found.State === "Pending" || found.LastUpdateStatus === "InProgress";
    return busy ? undefined : found;
  });
}

const lambdaFunction = defineAdapter({
  type: "aws:lambda/function:Function",
  inputs: functionInputs,
  replaceOn: ["name"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async (context, wanted) => {
    const { automaticName, clients, partition, region } = context;
    const { name = automaticName, architectures: Architectures } = wanted;
    const Code = { ZipFile: wanted.code.zipped() };
    const created = { FunctionName: name, ...functionConfiguration(wanted), Architectures, Code };
    await clients.lambda.send(new CreateFunctionCommand(created));
    const { FunctionArn } = await untilReady(context, name);
    const arn = required(FunctionArn, "the function's ARN");
    const invokeArn = `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    return { id: name, outputs: { name, arn, invokeArn } };
  },
  update: async (context, wanted, previous) => {
    const { lambda } = context.clients;
    const FunctionName = previous.id;
    const isCode = (key: string) => key === "code" || key === "architectures";
    const changed = changedKeys(previous.inputs, storableInputs(wanted, ""));
    if (!changed.every(isCode)) {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...functionConfiguration(wanted) }));
      await untilReady(context, FunctionName);
    }
    if (changed.some(isCode)) {
      const code = { ZipFile: wanted.code.zipped(), Architectures: wanted.architectures };
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ...code }));
      await untilReady(context, FunctionName);
    }
    return previous;
  },
  delete: async ({ clients }, { id }) => {
    await clients.lambda.send(new DeleteFunctionCommand({ FunctionName: id }));
  },
});

const permission = defineAdapter({
  type: "aws:lambda/permission:Permission",
  inputs: z.strictObject({
    action: z.string(),
    function: z.string(),
    principal: z.string(),
    sourceArn: z.string().optional(),
    sourceAccount: z.string().optional(),
    statementId: z.string().optional(),
    functionUrlAuthType: oneOf<FunctionUrlAuthType>().optional(),
  }),
  idOf: (context, { function: name, statementId }) => `${name}/${statementId ?? context.automaticName}`,
  create: async ({ clients, automaticName }, { function: FunctionName, ...wanted }) => {
    const StatementId = wanted.statementId ?? automaticName;
    await clients.lambda.send(new AddPermissionCommand({ ...pascal(wanted), FunctionName, StatementId }));
    return { id: StatementId, outputs: { statementId: StatementId } };
  },
  delete: async ({ clients }, { id, inputs }) => {
    const statement = { FunctionName: String(inputs.function), StatementId: id.split("/").pop() };
    await clients.lambda.send(new RemovePermissionCommand(statement));
  },
});

const urlInputs = z.strictObject({
  functionName: z.string(),
  authorizationType: z.enum(["AWS_IAM", "NONE"]),
  invokeMode: oneOf<InvokeMode>().optional(),
});

function urlConfiguration({ authorizationType, ...wanted }: z.output<typeof urlInputs>) {
  return { ...pascal(wanted), AuthType: authorizationType };
}

const functionUrl = defineAdapter({
  type: "aws:lambda/functionUrl:FunctionUrl",
  inputs: urlInputs,
  replaceOn: ["functionName"],
  idOf: (_, { functionName }) => functionName,
  create: async ({ clients }, wanted) => {
    const made = await clients.lambda.send(new CreateFunctionUrlConfigCommand(urlConfiguration(wanted)));
    const url = required(made.FunctionUrl, "the function's URL");
    const urlId = new URL(url).hostname.split(".")[0];
    return { id: wanted.functionName, outputs: { functionUrl: url, functionArn: made.FunctionArn, urlId } };
  },
  update: async ({ clients }, wanted, previous) => {
    await clients.lambda.send(new UpdateFunctionUrlConfigCommand(urlConfiguration(wanted)));
    return previous;
  },
  delete: async ({ clients }, { id }) => {
    await clients.lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: id }));
  },
});

export const lambdaAdapters = [lambdaFunction, permission, functionUrl];
