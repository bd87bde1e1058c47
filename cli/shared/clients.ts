/** AWS clients, created once per endpoint and only when needed. Environment variables set endpoint and credentials. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { GlueClient } from "@aws-sdk/client-glue";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerFeatureStoreRuntimeClient } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const isLocal = () => process.env.AWS_ENDPOINT_URL !== undefined;

/** Enough attempts to outlast a burst of throttling. */
const patient = { maxAttempts: 6 };

/** Caches a client until the endpoint or the keys change: a process may use one local cloud after another. */
function perEndpoint<Client>(make: () => Client): () => Client {
  let made: { address: string; client: Client } | undefined;
  return () => {
    const address = `${process.env.AWS_ENDPOINT_URL} ${process.env.AWS_ACCESS_KEY_ID}`;
    if (made === undefined || made.address !== address) made = { address, client: make() };
    return made.client;
  };
}

export const clients = {
  cloudwatch: perEndpoint(() => new CloudWatchClient(patient)),
  logs: perEndpoint(() => new CloudWatchLogsClient(patient)),
  // The Kinesis client uses HTTP/2 by default, which the local endpoint does not support well.
  kinesis: perEndpoint(
    () => new KinesisClient(isLocal() ? { ...patient, requestHandler: new NodeHttpHandler() } : patient),
  ),
  firehose: perEndpoint(() => new FirehoseClient(patient)),
  glue: perEndpoint(() => new GlueClient(patient)),
  lambda: perEndpoint(() => new LambdaClient(patient)),
  // A local endpoint has no bucket subdomains.
  s3: perEndpoint(() => new S3Client({ ...patient, forcePathStyle: isLocal() })),
  sagemaker: perEndpoint(() => new SageMakerClient(patient)),
  featureStore: perEndpoint(() => new SageMakerFeatureStoreRuntimeClient(patient)),
  secrets: perEndpoint(() => new SecretsManagerClient(patient)),
  stepFunctions: perEndpoint(() => new SFNClient(patient)),
  sns: perEndpoint(() => new SNSClient(patient)),
  sqs: perEndpoint(() => new SQSClient(patient)),
};
