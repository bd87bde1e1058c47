/** AWS clients, each made once and only when a command needs it. The environment says where they go. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerFeatureStoreRuntimeClient } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { once } from "../../lambdas/shared/once";

const isLocal = () => process.env.AWS_ENDPOINT_URL !== undefined;

/** Bursts of throttling are waited out. */
const patient = { maxAttempts: 6 };

export const clients = {
  cloudwatch: once(() => new CloudWatchClient(patient)),
  logs: once(() => new CloudWatchLogsClient(patient)),
  // Kinesis' client would speak HTTP/2, which the local endpoint does not speak well.
  kinesis: once(() => new KinesisClient(isLocal() ? { ...patient, requestHandler: new NodeHttpHandler() } : patient)),
  lambda: once(() => new LambdaClient(patient)),
  // A local endpoint has no bucket subdomains.
  s3: once(() => new S3Client({ ...patient, forcePathStyle: isLocal() })),
  sagemaker: once(() => new SageMakerClient(patient)),
  featureStore: once(() => new SageMakerFeatureStoreRuntimeClient(patient)),
  secrets: once(() => new SecretsManagerClient(patient)),
  stepFunctions: once(() => new SFNClient(patient)),
};
