import type {
  Architecture,
  FunctionUrlAuthType,
  InvokeMode,
  LogFormat,
  Runtime,
  TracingMode,
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
    const found = await clients.lambda.getFunctionConfiguration({ FunctionName });
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
  nameInput: "name",
  create: async (context, wanted) => {
    const { clients, partition, region } = context;
    const { name, architectures: Architectures } = wanted;
    const Code = { ZipFile: wanted.code.zipped() };
    await clients.lambda.createFunction({ FunctionName: name, ...functionConfiguration(wanted), Architectures, Code });
    const { FunctionArn } = await untilReady(context, name);
    const arn = required(FunctionArn, "the function's ARN");
    const invokeArn = `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    return { id: name, outputs: { name, arn, invokeArn } };
  },
  update: async (context, wanted, previous) => {
    const { lambda } = context.clients;
    const FunctionName = wanted.name;
    const isCode = (key: string) => key === "code" || key === "architectures";
    // The name never changes here; the program's inputs may omit it.
    const changed = changedKeys(previous.inputs, storableInputs(wanted, "")).filter((key) => key !== "name");
    if (!changed.every(isCode)) {
      await lambda.updateFunctionConfiguration({ FunctionName, ...functionConfiguration(wanted) });
      await untilReady(context, FunctionName);
    }
    if (changed.some(isCode)) {
      const code = { ZipFile: wanted.code.zipped(), Architectures: wanted.architectures };
      await lambda.updateFunctionCode({ FunctionName, ...code });
      await untilReady(context, FunctionName);
    }
  },
  delete: ({ clients }, { id }) => clients.lambda.deleteFunction({ FunctionName: id }),
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
  nameInput: "statementId",
  idOf: (_, { function: name, statementId }) => `${name}/${statementId}`,
  create: async ({ clients }, { function: FunctionName, ...wanted }) => {
    const { statementId } = wanted;
    await clients.lambda.addPermission({ ...pascal(wanted), FunctionName });
    return { id: statementId, outputs: { statementId } };
  },
  delete: ({ clients }, { id, inputs }) =>
    clients.lambda.removePermission({ FunctionName: String(inputs.function), StatementId: id.split("/").pop() }),
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
  nameInput: "functionName",
  create: async ({ clients }, wanted) => {
    const made = await clients.lambda.createFunctionUrlConfig(urlConfiguration(wanted));
    const url = required(made.FunctionUrl, "the function's URL");
    const urlId = new URL(url).hostname.split(".")[0];
    return { id: wanted.functionName, outputs: { functionUrl: url, functionArn: made.FunctionArn, urlId } };
  },
  update: ({ clients }, wanted) => clients.lambda.updateFunctionUrlConfig(urlConfiguration(wanted)),
  delete: ({ clients }, { id }) => clients.lambda.deleteFunctionUrlConfig({ FunctionName: id }),
});

/** Invokes the function whenever an input changes, as the real provider does with its default lifecycle scope. */
const invocation = defineAdapter({
  type: "aws:lambda/invocation:Invocation",
  inputs: z.strictObject({ functionName: z.string(), input: z.string() }),
  create: async ({ clients, automaticName }, { functionName: FunctionName, input }) => {
    const { FunctionError, Payload } = await clients.lambda.invoke({ FunctionName, Payload: Buffer.from(input) });
    const result = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) {
      const { errorMessage = result } = JSON.parse(result) as { errorMessage?: string };
      throw new DeploymentError(`The function ${FunctionName} failed: ${errorMessage}`);
    }
    return { id: automaticName, outputs: { result } };
  },
  delete: async () => undefined,
});

export const lambdaAdapters = [lambdaFunction, permission, functionUrl, invocation];
