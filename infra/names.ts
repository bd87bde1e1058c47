/**
 * All physical names. Nothing else builds one: Lambdas, jobs and tools receive names through environment variables, job
 * arguments and stack outputs. A name longer than AWS allows is an error here, before anything is deployed.
 */

export const project = "daybreak";

/** CloudWatch namespace of Daybreak's custom metrics. */
export const metricsNamespace = "Daybreak";

/** The endpoint's only production variant. SageMaker's deployment guardrails require every deployment to keep this name. */
export const variantName = "live";

/** Where a stack is deployed. */
export interface Place {
  environment: string;
  region: string;
  accountId: string;
}

/** The ARN of a state machine. */
export const stateMachineArn = ({ region, accountId }: Omit<Place, "environment">, name: string): string =>
  `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;

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

/** The longest suffix that the serve workflow appends to a model's name: version (up to 4 digits) and UTC timestamp. */
const modelSuffix = "v9999-20001122334455";

/** Names of the resources that all pipelines of an environment share. */
export function environmentNames({ environment, accountId }: Place) {
  const prefix = `${project}-${environment}`;
  return {
    prefix,
    lakeBucket: bucket(`${prefix}-lake-${accountId}`),
    codeBucket: bucket(`${prefix}-code-${accountId}`),
    accessLogBucket: bucket(`${prefix}-access-logs-${accountId}`),
    dataKeyAlias: `alias/${prefix}-data`,
    messagesKeyAlias: `alias/${prefix}-messages`,
    alertTopic: limited("SNS topic", 256, `${prefix}-alert`),
    slackSecret: limited("secret", 512, `${prefix}/slack-webhook`),
    alertSlack: lambda(`${prefix}-alert-slack`),
    deadLetters: queue(`${prefix}-dead-letters`),
    /** Of the EventBridge connection and the API destination. */
    github: limited("EventBridge connection", 64, `${prefix}-github`),
    githubDispatch: role(`${prefix}-github-dispatch`),
    deployModel: role(`${prefix}-deploy-model`),
    glueSecurity: limited("Glue security configuration", 255, prefix),
    /** Of the private network. */
    flowLogs: `/aws/vpc/${prefix}`,
    flowLogsRole: role(`${prefix}-flow-logs`),
    glueConnection: (suffix: string) => limited("Glue connection", 255, `${prefix}-${suffix}`),
  };
}
export type EnvironmentNames = ReturnType<typeof environmentNames>;

/** Names of one pipeline's resources. */
export function pipelineNames({ environment, region, accountId }: Place, pipeline: string) {
  const prefix = `${project}-${environment}-${pipeline}`;
  const sagemaker = `arn:aws:sagemaker:${region}:${accountId}`;
  // No pipeline's name contains two hyphens in a row: the patterns of `shop` must not match what `shop-churn` makes.
  const madePrefix = `${prefix}--`;
  limited("SageMaker model", 63, `${madePrefix}${modelSuffix}`);
  return {
    prefix,
    pipeline,
    stream: limited("Kinesis stream", 128, prefix),
    deliveryStream: deliveryStream(prefix),
    database: `${project}_${environment}_${pipeline}`.replaceAll("-", "_"),
    featureGroup: featureGroup(prefix),
    modelPackageGroup: limited("model package group", 63, prefix),
    groupArn: `${sagemaker}:model-package-group/${prefix}`,
    endpoint: endpoint(prefix),
    runMachine: stateMachine(`${prefix}-run`),
    serveMachine: stateMachine(`${prefix}-serve`),
    runStart: lambda(`${prefix}-run-start`),
    registryPromote: lambda(`${prefix}-registry-promote`),
    monitorMachine: stateMachine(`${prefix}-monitor`),
    deadLetters: queue(`${prefix}-dead-letters`),
    dashboard: limited("CloudWatch dashboard", 255, prefix),
    jobLogs: `/aws-glue/jobs/${prefix}`,
    rules: { approved: rule(`${prefix}-approved`), drifted: rule(`${prefix}-drifted`) },
    /** Start of the names of what the workflows create at run time. */
    madePrefix,
    /** ARN patterns of what the workflows create at run time; Pulumi does not manage these resources. */
    made: {
      endpoint: `${sagemaker}:endpoint/${prefix}`,
      endpointConfigs: `${sagemaker}:endpoint-config/${madePrefix}*`,
      models: `${sagemaker}:model/${madePrefix}*`,
      modelPackages: `${sagemaker}:model-package/${prefix}/*`,
      trainingJobs: `${sagemaker}:training-job/${madePrefix}*`,
      processingJobs: `${sagemaker}:processing-job/${madePrefix}*`,
    },
  };
}
export type PipelineNames = ReturnType<typeof pipelineNames>;
