/** The AWS SDK clients of a deployment: created on first use, all with the same endpoint. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { GlueClient } from "@aws-sdk/client-glue";
import { IAMClient } from "@aws-sdk/client-iam";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { OPERATION } from "./errors";

/** Functions, so that a client's module is loaded only on first use. */
const CLIENTS = {
  cloudwatch: () => CloudWatchClient,
  eventbridge: () => EventBridgeClient,
  firehose: () => FirehoseClient,
  glue: () => GlueClient,
  iam: () => IAMClient,
  kinesis: () => KinesisClient,
  kms: () => KMSClient,
  lambda: () => LambdaClient,
  logs: () => CloudWatchLogsClient,
  s3: () => S3Client,
  sagemaker: () => SageMakerClient,
  scheduler: () => SchedulerClient,
  secretsManager: () => SecretsManagerClient,
  sfn: () => SFNClient,
  sns: () => SNSClient,
  sqs: () => SQSClient,
  ssm: () => SSMClient,
  sts: () => STSClient,
};

export type Clients = {
  readonly [Service in keyof typeof CLIENTS]: InstanceType<ReturnType<(typeof CLIENTS)[Service]>>;
};

export interface ClientOptions {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Called before each request with the service and operation. */
  onCall?: ((operation: string) => void) | undefined;
}

/** One lazily created client per service. */
export function createClients({ onCall, ...options }: ClientOptions): Clients {
  const made = new Map<string, unknown>();
  // The Kinesis client defaults to HTTP/2, whose connections the emulator closes under concurrent calls.
  const requestHandler = new NodeHttpHandler();
  const configuration = { ...options, requestHandler, maxAttempts: 3, forcePathStyle: true };
  const clients = {};
  for (const [service, load] of Object.entries(CLIENTS)) {
    Object.defineProperty(clients, service, {
      enumerable: true,
      get: () => {
        const client = made.get(service) ?? observe(new (load())(configuration), onCall);
        made.set(service, client);
        return client;
      },
    });
  }
  return clients as Clients;
}

interface Observed {
  middlewareStack: { add(middleware: unknown, options: { step: "initialize"; name: string }): void };
}

/** Counts calls, and adds the operation to errors, which the SDK omits. */
function observe<Client extends Observed>(client: Client, onCall: ClientOptions["onCall"]): Client {
  type Next = (input: unknown) => Promise<unknown>;
  const middleware = (next: Next, names: { clientName?: string; commandName?: string }) => async (input: unknown) => {
    const service = names.clientName?.replace(/Client$/, "") ?? "?";
    const operation = `${service}.${names.commandName?.replace(/Command$/, "") ?? "?"}`;
    onCall?.(operation);
    try {
      return await next(input);
    } catch (error) {
      if (typeof error === "object" && error !== null) Object.assign(error, { [OPERATION]: operation });
      throw error;
    }
  };
  client.middlewareStack.add(middleware, { step: "initialize", name: "daybreakObserve" });
  return client;
}
