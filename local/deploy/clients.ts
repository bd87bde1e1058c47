/** The AWS SDK clients of a deployment: created on first use, all with the same endpoint. */
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { Firehose } from "@aws-sdk/client-firehose";
import { Glue } from "@aws-sdk/client-glue";
import { IAM } from "@aws-sdk/client-iam";
import { Kinesis } from "@aws-sdk/client-kinesis";
import { KMS } from "@aws-sdk/client-kms";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { Scheduler } from "@aws-sdk/client-scheduler";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SFN } from "@aws-sdk/client-sfn";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { SSM } from "@aws-sdk/client-ssm";
import { STS } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { OPERATION } from "./errors";

/** Functions, so that a client's module is loaded only on first use. */
const CLIENTS = {
  cloudwatch: () => CloudWatch,
  eventbridge: () => EventBridge,
  firehose: () => Firehose,
  glue: () => Glue,
  iam: () => IAM,
  kinesis: () => Kinesis,
  kms: () => KMS,
  lambda: () => Lambda,
  logs: () => CloudWatchLogs,
  s3: () => S3,
  sagemaker: () => SageMaker,
  scheduler: () => Scheduler,
  secretsManager: () => SecretsManager,
  sfn: () => SFN,
  sns: () => SNS,
  sqs: () => SQS,
  ssm: () => SSM,
  sts: () => STS,
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
