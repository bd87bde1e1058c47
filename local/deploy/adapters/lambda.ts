import {
  AddPermissionCommand,
  type ApplicationLogLevel,
  type Architecture,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  DeleteFunctionUrlConfigCommand,
  type FunctionUrlAuthType,
  GetFunctionConfigurationCommand,
  type InvokeMode,
  type LogFormat,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  type Runtime,
  type SystemLogLevel,
  TagResourceCommand,
  type TracingMode,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { ArchiveContent, formHash, storableForm } from "../values";
import { removedTags, required, tags, textMap, texts, waitFor } from "./shared";

const functionInputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  role: z.string(),
  code: z.instanceof(ArchiveContent),
  handler: z.string(),
  runtime: z.string(),
  architectures: texts.optional(),
  memorySize: z.number().optional(),
  timeout: z.number().optional(),
  environment: z.strictObject({ variables: textMap.optional() }).optional(),
  kmsKeyArn: z.string().optional(),
  deadLetterConfig: z.strictObject({ targetArn: z.string() }).optional(),
  ephemeralStorage: z.strictObject({ size: z.number().optional() }).optional(),
  loggingConfig: z
    .strictObject({
      logFormat: z.string(),
      logGroup: z.string().optional(),
      applicationLogLevel: z.string().optional(),
      systemLogLevel: z.string().optional(),
    })
    .optional(),
  reservedConcurrentExecutions: z.number().optional(),
  sourceCodeHash: z.string().optional(),
  tracingConfig: z.strictObject({ mode: z.string() }).optional(),
  tags,
});
type FunctionInputs = z.output<typeof functionInputs>;

/** The real provider's "no limit". */
const UNRESERVED = -1;

/** A function's configuration as the Lambda API takes it, for creation and for update. */
export function functionConfiguration(wanted: FunctionInputs) {
  const { loggingConfig: logging } = wanted;
  return {
    Description: wanted.description,
    Role: wanted.role,
    Handler: wanted.handler,
    Runtime: wanted.runtime as Runtime,
    MemorySize: wanted.memorySize,
    Timeout: wanted.timeout,
    Environment: wanted.environment && { Variables: wanted.environment.variables },
    KMSKeyArn: wanted.kmsKeyArn,
    DeadLetterConfig: wanted.deadLetterConfig && { TargetArn: wanted.deadLetterConfig.targetArn },
    EphemeralStorage: wanted.ephemeralStorage && { Size: wanted.ephemeralStorage.size },
    LoggingConfig: logging && {
      LogFormat: logging.logFormat as LogFormat,
      LogGroup: logging.logGroup,
      ApplicationLogLevel: logging.applicationLogLevel as ApplicationLogLevel | undefined,
      SystemLogLevel: logging.systemLogLevel as SystemLogLevel | undefined,
    },
    TracingConfig: wanted.tracingConfig && { Mode: wanted.tracingConfig.mode as TracingMode },
  };
}

/** Waits until the function takes calls and changes again. */
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

async function setConcurrency(
  { clients }: AdapterContext,
  FunctionName: string,
  limit: number | undefined,
  isNew: boolean,
) {
  if (limit !== undefined && limit !== UNRESERVED) {
    const ReservedConcurrentExecutions = limit;
    await clients.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  } else if (!isNew) {
    await clients.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  }
}

function functionOutputs(
  { partition, region }: AdapterContext,
  name: string,
  arn: string,
  codeSha256: string | undefined,
) {
  const invokeArn = `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
  return { name, arn, invokeArn, qualifiedArn: `${arn}:$LATEST`, version: "$LATEST", codeSha256 };
}

const lambdaFunction = defineAdapter({
  type: "aws:lambda/function:Function",
  inputs: functionInputs,
  replaceOn: ["name"],
  notEmulated: {
    architectures: "functions run on this machine's own processor",
    tracingConfig: "there is no X-Ray here",
  },
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async (context, wanted) => {
    const FunctionName = wanted.name ?? context.automaticName;
    await context.clients.lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        ...functionConfiguration(wanted),
        Architectures: wanted.architectures as Architecture[] | undefined,
        Code: { ZipFile: wanted.code.zipped() },
        Tags: wanted.tags,
      }),
    );
    const { FunctionArn, CodeSha256 } = await untilReady(context, FunctionName);
    await setConcurrency(context, FunctionName, wanted.reservedConcurrentExecutions, true);
    const arn = required(FunctionArn, "the function's ARN");
    return { id: FunctionName, outputs: functionOutputs(context, FunctionName, arn, CodeSha256) };
  },
  update: async (context, wanted, previous) => {
    const { lambda } = context.clients;
    const FunctionName = previous.id;
    const Resource = String(previous.outputs.arn);
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...functionConfiguration(wanted) }));
    await untilReady(context, FunctionName);
    const codeChanged = formHash(storableForm(wanted.code, "")) !== formHash(previous.inputs.code);
    if (codeChanged || formHash(wanted.architectures) !== formHash(previous.inputs.architectures)) {
      const Architectures = wanted.architectures as Architecture[] | undefined;
      const ZipFile = wanted.code.zipped();
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, Architectures }));
    }
    if (wanted.reservedConcurrentExecutions !== previous.inputs.reservedConcurrentExecutions) {
      await setConcurrency(context, FunctionName, wanted.reservedConcurrentExecutions, false);
    }
    const TagKeys = removedTags(previous.inputs.tags, wanted.tags);
    if (TagKeys.length > 0) await lambda.send(new UntagResourceCommand({ Resource, TagKeys }));
    if (wanted.tags) await lambda.send(new TagResourceCommand({ Resource, Tags: wanted.tags }));
    const { CodeSha256 } = await untilReady(context, FunctionName);
    return { id: FunctionName, outputs: functionOutputs(context, FunctionName, Resource, CodeSha256) };
  },
  delete: async ({ clients }, previous) => {
    await clients.lambda.send(new DeleteFunctionCommand({ FunctionName: previous.id }));
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
    qualifier: z.string().optional(),
    functionUrlAuthType: z.string().optional(),
  }),
  idOf: (context, { statementId }) => statementId ?? context.automaticName,
  create: async ({ clients, automaticName }, wanted) => {
    const StatementId = wanted.statementId ?? automaticName;
    await clients.lambda.send(
      new AddPermissionCommand({
        StatementId,
        Action: wanted.action,
        FunctionName: wanted.function,
        Principal: wanted.principal,
        SourceArn: wanted.sourceArn,
        SourceAccount: wanted.sourceAccount,
        Qualifier: wanted.qualifier,
        FunctionUrlAuthType: wanted.functionUrlAuthType as FunctionUrlAuthType | undefined,
      }),
    );
    return { id: StatementId, outputs: { statementId: StatementId } };
  },
  delete: async ({ clients }, { id, inputs }) => {
    const Qualifier = typeof inputs.qualifier === "string" ? inputs.qualifier : undefined;
    const FunctionName = String(inputs.function);
    await clients.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: id, Qualifier }));
  },
});

const urlInputs = z.strictObject({
  functionName: z.string(),
  authorizationType: z.enum(["AWS_IAM", "NONE"]),
  invokeMode: z.string().optional(),
  cors: z
    .strictObject({
      allowCredentials: z.boolean().optional(),
      allowHeaders: texts.optional(),
      allowMethods: texts.optional(),
      allowOrigins: texts.optional(),
      exposeHeaders: texts.optional(),
      maxAge: z.number().optional(),
    })
    .optional(),
});

function urlConfiguration({ functionName, authorizationType, invokeMode, cors }: z.output<typeof urlInputs>) {
  return {
    FunctionName: functionName,
    AuthType: authorizationType,
    InvokeMode: invokeMode as InvokeMode | undefined,
    Cors: cors && {
      AllowCredentials: cors.allowCredentials,
      AllowHeaders: cors.allowHeaders,
      AllowMethods: cors.allowMethods,
      AllowOrigins: cors.allowOrigins,
      ExposeHeaders: cors.exposeHeaders,
      MaxAge: cors.maxAge,
    },
  };
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
  delete: async ({ clients }, previous) => {
    await clients.lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: previous.id }));
  },
});

const destination = z.strictObject({ destination: z.string() }).optional();
const invokeInputs = z.strictObject({
  functionName: z.string(),
  maximumEventAgeInSeconds: z.number().optional(),
  maximumRetryAttempts: z.number().optional(),
  destinationConfig: z.strictObject({ onFailure: destination, onSuccess: destination }).optional(),
});

async function putInvokeConfig({ clients }: AdapterContext, wanted: z.output<typeof invokeInputs>) {
  const { onFailure, onSuccess } = wanted.destinationConfig ?? {};
  await clients.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: wanted.functionName,
      MaximumEventAgeInSeconds: wanted.maximumEventAgeInSeconds,
      MaximumRetryAttempts: wanted.maximumRetryAttempts,
      DestinationConfig: wanted.destinationConfig && {
        OnFailure: onFailure && { Destination: onFailure.destination },
        OnSuccess: onSuccess && { Destination: onSuccess.destination },
      },
    }),
  );
  return { id: wanted.functionName, outputs: {} };
}

const eventInvokeConfig = defineAdapter({
  type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  inputs: invokeInputs,
  replaceOn: ["functionName"],
  create: putInvokeConfig,
  update: putInvokeConfig,
  delete: async ({ clients }, previous) => {
    await clients.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: previous.id }));
  },
});

export const lambdaAdapters = [lambdaFunction, permission, functionUrl, eventInvokeConfig];
