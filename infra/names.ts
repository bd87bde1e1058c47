/**
 * Every physical name, once. Everyone else receives names: through environments, job arguments and stack outputs.
 * A name that AWS would refuse for its length is an error here, before anything is deployed.
 */

export const project = "daybreak";

/** The namespace of Daybreak's own CloudWatch metrics. */
export const metricsNamespace = "Daybreak";

/** The one production variant of an endpoint; deployments keep it, or guardrails would not apply. */
export const variantName = "live";

/** Where a stack is. */
export interface Place {
  environment: string;
  region: string;
  accountId: string;
}

function limited(kind: string, limit: number, value: string): string {
  if (value.length > limit) {
    throw new Error(
      `The ${kind} name "${value}" is ${value.length} characters long; AWS allows ${limit}. ` +
        `Shorten the environment's or the pipeline's name by ${value.length - limit}.`,
    );
  }
  return value;
}

export const role = (value: string) => limited("IAM role", 64, value);
export const lambda = (value: string) => limited("Lambda function", 64, value);
export const rule = (value: string) => limited("EventBridge rule", 64, value);
export const schedule = (value: string) => limited("EventBridge schedule", 64, value);
export const queue = (value: string) => limited("SQS queue", 80, value);
export const stateMachine = (value: string) => limited("state machine", 80, value);
export const alarm = (value: string) => limited("CloudWatch alarm", 255, value);
const bucket = (value: string) => limited("S3 bucket", 63, value);
const endpoint = (value: string) => limited("SageMaker endpoint", 63, value);
const featureGroup = (value: string) => limited("feature group", 64, value);
const deliveryStream = (value: string) => limited("Firehose stream", 64, value);

/** A model's name is made when it is deployed: prefix, `-v`, up to 5 digits of version, `-`, 14 digits of time. */
const modelSuffix = "-v99999-20001122334455";

/** The names of what an environment has once. */
export function environmentNames({ environment, accountId }: Place) {
  const prefix = `${project}-${environment}`;
  return {
    prefix,
    lakeBucket: bucket(`${prefix}-lake-${accountId}`),
    codeBucket: bucket(`${prefix}-code-${accountId}`),
    dataKeyAlias: `alias/${prefix}-data`,
    messagesKeyAlias: `alias/${prefix}-messages`,
    alertTopic: limited("SNS topic", 256, `${prefix}-alert`),
    slackSecret: limited("secret", 512, `${prefix}/slack-webhook`),
    alertSlack: lambda(`${prefix}-alert-slack`),
    deadLetters: queue(`${prefix}-dead-letters`),
    glueSecurity: limited("Glue security configuration", 255, prefix),
  };
}
export type EnvironmentNames = ReturnType<typeof environmentNames>;

/** The names of one pipeline's own things. */
export function pipelineNames({ environment, region, accountId }: Place, pipeline: string) {
  const prefix = `${project}-${environment}-${pipeline}`;
  const sagemaker = `arn:aws:sagemaker:${region}:${accountId}`;
  limited("SageMaker model", 63, `${prefix}${modelSuffix}`);
  return {
    prefix,
    pipeline,
    stream: limited("Kinesis stream", 128, prefix),
    deliveryStream: deliveryStream(prefix),
    database: `${project}_${environment}_${pipeline}`.replaceAll("-", "_"),
    featureGroup: featureGroup(prefix),
    modelPackageGroup: limited("model package group", 63, prefix),
    endpoint: endpoint(prefix),
    runMachine: stateMachine(`${prefix}-run`),
    serveMachine: stateMachine(`${prefix}-serve`),
    monitorMachine: stateMachine(`${prefix}-monitor`),
    deadLetters: queue(`${prefix}-dead-letters`),
    dashboard: limited("CloudWatch dashboard", 255, prefix),
    jobLogs: `/aws-glue/jobs/${prefix}`,
    /** ARNs of what the workflows make, by name pattern: these things are not resources of the stack. */
    made: {
      endpoint: `${sagemaker}:endpoint/${prefix}`,
      endpointConfigs: `${sagemaker}:endpoint-config/${prefix}-v*`,
      models: `${sagemaker}:model/${prefix}-v*`,
      modelPackages: `${sagemaker}:model-package/${prefix}/*`,
      trainingJobs: `${sagemaker}:training-job/${prefix}-*`,
      processingJobs: `${sagemaker}:processing-job/${prefix}-*`,
    },
  };
}
export type PipelineNames = ReturnType<typeof pipelineNames>;
