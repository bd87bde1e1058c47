/** AWS clients, each made once for an endpoint and only when a command needs it. The environment says where they go. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
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

/** Bursts of throttling are waited out. */
const patient = { maxAttempts: 6 };

/** Keeps a client as long as the endpoint stays: a process may speak to one local cloud after another. */
function perEndpoint<Client>(make: () => Client): () => Client {
  let made: { endpoint: string | undefined; client: Client } | undefined;
  return () => {
    const endpoint = process.env.AWS_ENDPOINT_URL;
    if (made === undefined || made.endpoint !== endpoint) made = { endpoint, client: make() };
    return made.client;
  };
}

export const clients = {
  cloudwatch: perEndpoint(() => new CloudWatchClient(patient)),
  logs: perEndpoint(() => new CloudWatchLogsClient(patient)),
  // Kinesis' client would speak HTTP/2, which the local endpoint does not speak well.
  kinesis: perEndpoint(
    () => new KinesisClient(isLocal() ? { ...patient, requestHandler: new NodeHttpHandler() } : patient),
  ),
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
